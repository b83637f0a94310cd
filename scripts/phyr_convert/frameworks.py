# SPDX-License-Identifier: GPL-2.0
"""Which framework hands out which scatterlists.

Tables of the names of types, members, functions and callbacks, and of directories of
headers; no table here knows a driver.  To teach the kit another framework is to add
lines here.  See Documentation/driver-api/phyr-convert.rst for the closed list.
"""

import re

# name -> what has to be converted before its users can be
FRAMEWORKS = {
    "crypto": "skcipher, aead, ahash, akcipher and acomp requests",
    "mmc": "struct mmc_data",
    "scsi": "scsi_cmnd's data buffer",
    "bsg": "bsg_job payloads",
    "libsas": "struct sas_task",
    "target": "struct se_cmd",
    "dmaengine": "dmaengine_prep_slave_sg()",
    "dmabuf": "dma_buf_ops.map_dma_buf and dma_buf_map_attachment()",
    "drm": "GEM objects: drm_gem_shmem, PRIME helpers",
    "ttm": "struct ttm_tt",
    "host1x": "host1x_bo mappings",
    "vb2": "videobuf2 memory operations",
    "block": "blk_rq_map_sg()",
    "ata": "struct ata_queued_cmd",
    "memstick": "struct memstick_request",
    "usb": "struct urb, struct usb_request",
    "spi": "struct spi_transfer",
    "fpga": "fpga_manager_ops.write_sg",
    "rdma": "ib_map_mr_sg() and struct ib_sge",
    "other": "a framework that is not in the table, or a list whose origin was not found",
}

# Structures that frameworks own, by a pattern of their names.
TYPES = [
    (r"(skcipher|ablkcipher|aead|ahash|akcipher|acomp|kpp|comp|scomp|crypto|rng)_"
     r"(async_)?(request|engine|alg|wait|walk)$|^crypto_\w+$|^scatter_walk$|^af_alg_", "crypto"),
    (r"^mmc_(data|request|command|host)$", "mmc"),
    (r"^scsi_(cmnd|data_buffer|device)$|^scsi_pointer$", "scsi"),
    (r"^bsg_(job|buffer)$", "bsg"),
    (r"^(sas|ssp|smp|sata|domain)_(task|smp_task|ssp_task|ata_task|device)$|^sas_task\.", "libsas"),
    (r"^se_(cmd|session|device)$", "target"),
    (r"^dma_buf(_attachment|_ops)?$", "dmabuf"),
    (r"^drm_gem_\w+$|^drm_(prime|gem)\w*$", "drm"),
    (r"^ttm_\w+$", "ttm"),
    (r"^host1x_bo\w*$", "host1x"),
    (r"^vb2_\w+$", "vb2"),
    (r"^(request|bio|blk_integrity)$", "block"),
    (r"^ata_(queued_cmd|port|taskfile)$", "ata"),
    (r"^memstick_(request|host|dev)$", "memstick"),
    (r"^(urb|usb_request|usb_sg_request)$", "usb"),
    (r"^spi_(transfer|message|controller)$", "spi"),
    (r"^fpga_\w+$", "fpga"),
    (r"^(rdma_rw_ctx|ib_mr|ib_umem|ib_sge|rdma_sgl\w*)$", "rdma"),
    (r"^(brcm_message|brcm_spu_message|brcm_sba_command)(\.\w+)?$", "crypto"),
    (r"^(nvmefc_fcp_req|nvmefc_tgt_fcp_req|nvmet_req|nvme_request)$", "block"),
    (r"^hsi_msg$", "dmaengine"),
]

# Callbacks: a pattern of their tables' types, of members, and whose lists they take.
CALLBACKS = [
    (r"^dma_buf_ops$", r"", "dmabuf"),
    (r"^dma_map_ops$", r"", "core"),
    (r"^vb2_mem_ops$", r"", "vb2"),
    (r"^fpga_manager_ops$", r"", "fpga"),
    (r"^host1x_bo_ops$", r"", "host1x"),
    (r"^(drm_gem_object_funcs|drm_driver)$", r"", "drm"),
    (r"^ttm_device_funcs$", r"", "ttm"),
    (r"^mmc_host_ops$", r"", "mmc"),
    (r"^scsi_host_template$|^libfc_function_template$", r"", "scsi"),
    (r"^sas_domain_function_template$", r"", "libsas"),
    (r"^(target_core_fabric_ops|iscsit_transport)$", r"", "target"),
    (r"^spi_controller\w*$", r"", "spi"),
    (r"^net_device_ops$", r"ndo_fcoe_ddp", "scsi"),
    (r"^ib_device_ops$", r"map_mr_sg", "rdma"),
    (r"^(skcipher|aead|ahash|akcipher|acomp|kpp|crypto)_\w*alg\w*$", r"", "crypto"),
]

# Functions that return a list of the framework.
RETURNS = {
    "scsi_sglist": "scsi", "scsi_prot_sglist": "scsi", "scsi_bidi_sglist": "scsi",
    "dma_buf_map_attachment": "dmabuf", "dma_buf_map_attachment_unlocked": "dmabuf",
    "drm_gem_shmem_get_sg_table": "drm", "drm_gem_shmem_get_pages_sgt": "drm",
    "drm_gem_get_sg_table": "drm", "drm_gem_dma_get_sg_table": "drm",
    "vb2_dma_sg_plane_desc": "vb2", "vb2_plane_cookie": "vb2",
    "ttm_tt_sg": "ttm",
    "bio_sglist": "block",
}

# Functions that fill a list of their caller from a framework's request: which argument.
FILLS = {
    "blk_rq_map_sg": (2, "block"), "__blk_rq_map_sg": (2, "block"),
    "blk_rq_map_integrity_sg": (-1, "block"),
}

# Functions that take a list for a framework to work with: which argument.
SINKS = {
    "dmaengine_prep_slave_sg": (1, "dmaengine"),
    "device_prep_slave_sg": (1, "dmaengine"),
    "dmaengine_prep_rio_sg": (1, "dmaengine"),
    "device_prep_peripheral_sg": (1, "dmaengine"),
    "rio_dma_prep_slave_sg": (-1, "dmaengine"),
    "rio_dma_prep_xfer": (-1, "dmaengine"),
    "ib_map_mr_sg": (1, "rdma"), "ib_map_mr_sg_pi": (1, "rdma"),
    "rdma_rw_ctx_init": (3, "rdma"),
    "skcipher_request_set_crypt": (-1, "crypto"), "aead_request_set_crypt": (-1, "crypto"),
    "ahash_request_set_crypt": (1, "crypto"),
    "akcipher_request_set_crypt": (-1, "crypto"), "acomp_request_set_params": (-1, "crypto"),
    "kpp_request_set_input": (1, "crypto"), "kpp_request_set_output": (1, "crypto"),
}

# Functions whose result is one of their arguments, or a later entry of it.
PASS = {
    "sg_next": (0,), "sg_last": (0,), "scatterwalk_ffwd": (1,), "sg_chain_ptr": (0,),
    "sg_split": (0,), "container_of": (), "sgt_append_entry": (0,), "PTR_ERR": (),
    "ERR_CAST": (), "scatterwalk_sg_next": (0,),
}

# Functions that make a list from what their caller owns: which argument, and the way.
BUILDERS = {
    "sg_init_table": (0, "array"), "sg_init_one": (0, "one"), "sg_init_marker": (0, "array"),
    "sg_set_buf": (0, "array"), "sg_set_page": (0, "array"), "sg_set_folio": (0, "array"),
    "sg_assign_page": (0, "array"), "sg_mark_end": (0, "array"),
    "sg_alloc_table": (0, "table"), "sg_alloc_table_chained": (0, "table"),
    "sg_alloc_table_from_pages": (0, "pages"),
    "sg_alloc_table_from_pages_segment": (0, "pages"),
    "sg_alloc_append_table_from_pages": (0, "append"),
    "dma_get_sgtable": (1, "table"), "dma_get_sgtable_attrs": (1, "table"),
    "skb_to_sgvec": (1, "skb"), "skb_to_sgvec_nomark": (1, "skb"),
    "extract_iter_to_sg": (2, "iter"),
}
BUILD_RETURNS = {
    "sgl_alloc": "array", "sgl_alloc_order": "array",
    "drm_prime_pages_to_sg": "pages", "dma_alloc_noncontiguous": "noncontiguous",
}

# Exporters of dma-bufs for others to import: a list they give away is not private.
EXPORT_CALLBACKS = {("drm_gem_object_funcs", "get_sg_table")}

# Headers say whose structure or function it is, if nothing above does.
HEADERS = [
    ("include/crypto/", "crypto"), ("crypto/", "crypto"), ("include/linux/crypto", "crypto"),
    ("include/linux/mmc/", "mmc"), ("include/scsi/libsas", "libsas"), ("include/scsi/", "scsi"),
    ("include/target/", "target"), ("include/linux/dma-buf", "dmabuf"),
    ("include/drm/ttm/", "ttm"), ("include/drm/", "drm"), ("include/linux/host1x", "host1x"),
    ("include/media/drv-intf/", None), ("include/media/videobuf2", "vb2"),
    ("include/linux/blk", "block"), ("include/linux/bio", "block"),
    ("include/linux/bsg", "bsg"), ("include/linux/libata", "ata"),
    ("include/linux/memstick", "memstick"), ("include/linux/usb", "usb"),
    ("include/linux/spi/", "spi"), ("include/linux/fpga/", "fpga"),
    ("include/rdma/", "rdma"), ("include/linux/mailbox/brcm", "crypto"),
    ("include/linux/nvme-fc", "block"), ("include/linux/hsi/", "dmaengine"),
    ("include/linux/dmaengine", "dmaengine"), ("include/linux/rio", "dmaengine"),
    ("include/linux/tifm", "memstick"), ("include/linux/rtsx", "memstick"),
    ("include/linux/ccp", "crypto"), ("include/linux/agp", "other"),
]

SG_TYPES = {"struct scatterlist", "struct sg_table", "struct sg_append_table"}


def of_type(name):
    """The framework that owns a structure of that name, or None."""
    bare = name.split(" ")[-1]
    for pattern, framework in TYPES:
        if re.search(pattern, bare):
            return framework
    return None


def of_header(path):
    """The framework that a header belongs to; what is in include/ is somebody's."""
    for prefix, framework in HEADERS:
        if path.startswith(prefix):
            return framework
    return "other" if path.startswith("include/") else None


def of_callback(table, member):
    """The framework that calls what is in this member of such a table, or None."""
    bare = table.split(" ")[-1]
    for pattern, members, framework in CALLBACKS:
        if re.search(pattern, bare) and re.search(members, member):
            return framework
    return None
