# SPDX-License-Identifier: GPL-2.0
# What a developer types. Every target is one call of a script below
# tests/workspace/, each of which does whatever set-up is still missing.

MAKEFLAGS += --no-print-directory
W := tests/workspace

# Scripts with a home of their own; their targets exist once they do.
RUN := $(wildcard tests/run/run.sh)
FUZZ := $(wildcard tests/fuzz/run.sh)
BENCH := $(wildcard tests/bench/run.sh)
RDMA := $(wildcard tests/rdma/run.sh)
COCCI := $(wildcard tests/cocci/run.sh)
DRIVERS := $(wildcard tests/drivers/run.sh)

define HELP
Usage: make TARGET [VARIABLE=value]

Targets:
$(if $(RUN),  run      boot the demonstration in QEMU
)$(if $(BENCH),  bench    count the instructions of each step beside scatterlists; plots
  bench-accept  let make test compare with what the code takes now
)  test     everything below: the verdict is the last line
  kunit    the KUnit suites in User Mode Linux
  qemu     the KUnit suites in QEMU, on PCs and arm64: tests/qemu/machines
$(if $(FUZZ),  fuzz     fuzz the library as a user space program
)$(if $(RDMA),  rdma     all RDMA drivers compiled; umems beside those of the unmodified kernel;
           an adapter made of the edu device; the kernel's own memory regions;
           RDMA tools and rdma-core's tests on rxe and siw with both kernels
)$(if $(COCCI),  cocci    report on all users of scatterlists; convert those that can go; check the
           patches: build/cocci
)$(if $(DRIVERS),  drivers  converted drivers move bytes through devices of QEMU: NVMe and HDA
)  lint     checkpatch, sparse, W=1 with gcc and clang, kernel-doc, SPDX, shellcheck
  tree     the kernel tree with the project linked and patched into it
  setup    install the Debian packages that any target needs
  clean    remove build/

Variables:
  KSRC=/path/to/linux  use a copy of this tree, not Debian's linux-source-6.12
  MACHINE=name         qemu: only this one of tests/qemu/machines; some run only if named:
                       smmuv3-64k vtd-kcsan amd-kcsan
  FILTER=glob          kunit, qemu: only these suites, e.g. FILTER='phyr*'
  JOBS=n               parallel compilations (default: the number of CPUs)
$(if $(RUN),  INPUT=file           run: move this file through the device
  IOMMU=name           run: intel (default) amd virtio pt or off
  SWIOTLB=force        run: bounce what would reach memory directly
  P2P=name             run: a list with peer-to-peer memory of other devices: 1 or
                       refused (by the host bridge) or unplug (while it is mapped)
  TOPOLOGY=name        run with P2P: switch (default; refused: mixed) ports pxb or
                       mixed; the IOMMU is then off by default
  DEBUG=1              run: with the debug kernel
)$(if $(BENCH),  BACKEND=name         bench: only uml vtd amd virtio smmuv3 direct or swiotlb
  REPEAT=1             bench: measure twice (not uml) and fail if figures differ by over 3 %
)$(if $(COCCI),  DIR=path             cocci: only this directory of the kernel
)$(if $(DRIVERS),  DRIVER=name          drivers: only nvme or hda; DEBUG=1 as for run
)
Everything that is built or logged is below build/.
endef

help:
	@:$(info $(HELP))

setup:
	@$W/setup

tree:
	@$W/tree

kunit:
	@$W/kunit

qemu:
	@$W/qemu

lint:
	@$W/lint

ifneq ($(RUN),)
run:
	@$(RUN)
endif

ifneq ($(FUZZ),)
fuzz:
	@$(FUZZ)
endif

ifneq ($(BENCH),)
bench:
	@$(BENCH)

bench-accept:
	@$(BENCH) --accept
endif

ifneq ($(RDMA),)
rdma:
	@$(RDMA)
endif

ifneq ($(COCCI),)
cocci:
	@$(COCCI)
endif

ifneq ($(DRIVERS),)
drivers:
	@$(DRIVERS)
endif

test:
	@$W/test

clean:
	@rm -rf build

.PHONY: help setup tree kunit qemu lint run fuzz bench bench-accept rdma cocci drivers test clean
