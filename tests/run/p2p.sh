# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# make run P2P=...: the machine, and what has to be true afterwards. Sourced by run.sh,
# which has set IOMMU, machine and, before p2p_files, OUT. TOPOLOGY is explained by make help.

# The list: system memory and peers in the order of the input's bytes, what p2p.c is given
SEGMENTS=(system:70000 A+12288:40000 system:5000 B+1073700000:41824 A+1000001:33333
	  CMB+4096:49152 system:60777)

# What the program in the guest does. By bus address nothing goes through an IOMMU, but
# QEMU sends all DMA there: where one translates, mapping is all that can be seen.
p2p_mode()
{
	case $P2P in
	1)
		TOPOLOGY=${TOPOLOGY:-switch}
		MODE=move
		case $IOMMU in
		intel|virtio)
			[ "$TOPOLOGY" = ports ] || [ "$TOPOLOGY" = pxb ] || MODE=map
			;;
		esac
		;;
	refused)
		# A can be reached, B cannot
		TOPOLOGY=${TOPOLOGY:-mixed}
		MODE=refused
		;;
	unplug)
		TOPOLOGY=${TOPOLOGY:-switch}
		MODE=unplug
		case $IOMMU-$TOPOLOGY in
		intel-switch|intel-mixed|virtio-switch|virtio-mixed)
			die "nothing can be moved behind a switch in QEMU while IOMMU=$IOMMU translates; use TOPOLOGY=ports or pxb, or IOMMU=off"
			;;
		esac
		;;
	*)
		die "P2P=$P2P is not known; use 1, refused or unplug"
		;;
	esac
	case $IOMMU in
	amd) die "IOMMU=amd translates nothing behind a bridge in QEMU; use another one with P2P" ;;
	esac
	case $TOPOLOGY in
	switch|ports|mixed|pxb) ;;
	*) die "TOPOLOGY=$TOPOLOGY is not known; use switch, ports, mixed or pxb" ;;
	esac
	[ "$MODE-$TOPOLOGY" != refused-switch ] ||
		die "behind one switch nobody is refused; use TOPOLOGY=mixed, ports or pxb with P2P=refused"
	[ -z "$SWIOTLB" ] ||
		die "peers behind the host bridge are not for a device that is bounced; leave out SWIOTLB with P2P"
}

# device BUS...: edu, the peers and the NVMe controller, each on its bus. A and B keep
# what they are given in files, so that it can be looked at from outside.
p2p_devices()
{
	machine+=(-device "edu,bus=$1,dma_mask=0xffffffffffffffff"
		-object "memory-backend-file,id=memory-a,size=1M,share=on,mem-path=$PEER_A"
		-object "memory-backend-file,id=memory-b,size=1G,share=on,mem-path=$PEER_B"
		-device "ivshmem-plain,id=peer-A,memdev=memory-a,bus=$2"
		-device "ivshmem-plain,id=peer-B,memdev=memory-b,bus=$3"
		-drive "if=none,id=nvme,file=$NVME,format=raw,cache=unsafe"
		-device "nvme,serial=phyr,drive=nvme,cmb_size_mb=64,bus=$4")
}

p2p_switch()
{
	machine+=(-device "pcie-root-port,id=root,chassis=1"
		-device "x3130-upstream,id=switch,bus=root")
}

# A port for each of the four
p2p_downstream()
{
	machine+=(-device "xio3130-downstream,id=port$1,bus=switch,chassis=$((10 + $1))")
}

p2p_root_port()
{
	machine+=(-device "pcie-root-port,id=port$1,bus=$2,chassis=$((10 + $1))")
}

p2p_machine()
{
	local n

	case $TOPOLOGY in
	switch)
		p2p_switch
		for n in 1 2 3 4; do
			p2p_downstream $n
		done
		what="one switch; $what"
		;;
	ports)
		for n in 1 2 3 4; do
			p2p_root_port $n pcie.0
		done
		what="root ports; $what"
		;;
	mixed)
		p2p_switch
		p2p_downstream 1
		p2p_downstream 2
		p2p_root_port 3 pcie.0
		p2p_root_port 4 pcie.0
		what="edu and A below a switch, the others at root ports; $what"
		;;
	pxb)
		machine+=(-device "pxb-pcie,id=host1,bus=pcie.0,bus_nr=32"
			-device "pxb-pcie,id=host2,bus=pcie.0,bus_nr=64")
		p2p_root_port 1 host1
		for n in 2 3 4; do
			p2p_root_port $n host2
		done
		what="two host bridges; $what"
		;;
	esac
	p2p_devices port1 port2 port3 port4

	# The guest's clock runs ahead while QEMU waits for the disk
	cmdline+=" nvme_core.io_timeout=86400 nvme_core.admin_timeout=86400"
	# Whom the kernel trusts to forward between ports depends on the CPU
	if [ "$MODE" = refused ]; then
		machine+=(-cpu Skylake-Server)
		what+="; the host bridge is not known to forward"
	else
		machine+=(-cpu EPYC)
	fi
	# The slots are PCIe's own. But pciehp takes pci_rescan_remove_lock inside of its
	# reset_lock and the other way round, which lockdep tells of: then they are ACPI's.
	[ -n "${DEBUG:-}" ] ||
		machine+=(-global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off)
	machine+=(-chardev "pipe,id=monitor,path=$OUT/monitor" -mon chardev=monitor)
	rm -f "$OUT/monitor.in" "$OUT/monitor.out"
	mkfifo "$OUT/monitor.in" "$OUT/monitor.out"
}

# Bytes of all segments
p2p_size()
{
	local segment sum=0

	for segment in "${SEGMENTS[@]}"; do
		sum=$((sum + ${segment##*:}))
	done
	echo $sum
}

# The files as they are at the beginning, and as they have to be in the end
p2p_files()
{
	local segment file at=0 offset len

	PEER_A=$OUT/peer-a
	PEER_B=$OUT/peer-b
	NVME=$OUT/nvme
	rm -f "$PEER_A" "$PEER_B" "$NVME" "$OUT"/expected-*
	head -c 1048576 /dev/zero | tr '\0' 'p' >"$PEER_A"
	truncate -s 1G "$PEER_B"
	truncate -s 16M "$NVME"
	for file in "$PEER_A" "$PEER_B" "$NVME"; do
		cp --sparse=always "$file" "$OUT/expected-${file##*/}"
	done
	for segment in "${SEGMENTS[@]}"; do
		len=${segment##*:}
		offset=${segment#*+}
		offset=${offset%:*}
		case $segment in
		A+*) file=$PEER_A ;;
		B+*) file=$PEER_B ;;
		CMB+*) file=$NVME ;;
		*) file= ;;
		esac
		if [ -n "$file" ] && [ "$MODE" != refused ] && [ "$MODE" != map ]; then
			dd "if=$OUT/input" "of=$OUT/expected-${file##*/}" bs=64K conv=notrunc \
				iflag=skip_bytes,count_bytes oflag=seek_bytes status=none \
				"skip=$at" "count=$len" "seek=$offset"
		fi
		at=$((at + len))
	done
}

# unplug LETTER: the guest says that it is time to
p2p_unplug()
{
	echo "device_del peer-$1" >"$OUT/monitor.in"
}

# p2p_judge: what is wrong, into problems
p2p_judge()
{
	local file refusals

	for file in "$PEER_A" "$PEER_B" "$NVME"; do
		if cmp "$file" "$OUT/expected-${file##*/}"; then
			say "${file##*/}: $(stat -c %s "$file") bytes, all as they should be"
		else
			problems+=("${file#"$TOP"/}, seen from outside, has other bytes")
		fi
	done
	refusals=$(grep -ac 'no peer-to-peer DMA to' "$OUT/console" || :)
	if [ "$MODE" = refused ]; then
		[ "$refusals" -eq 1 ] || problems+=("the kernel told $refusals times of the refusal")
	else
		[ "$refusals" -eq 0 ] || problems+=("the kernel refused what can be reached")
	fi
}
