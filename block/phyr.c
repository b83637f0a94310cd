// SPDX-License-Identifier: GPL-2.0
/*
 * Physical range lists of block requests, for drivers that map a request for their device.
 *
 * Who wants a scatterlist calls blk_rq_map_sg() for an array with an entry for each segment.
 * A list takes the memory as the bios have it: neighbours become one range, whatever limits
 * of the queue there are, and ranges are cut to the device's limits when they are walked.
 * Nothing here maps.
 */
#include <linux/bio.h>
#include <linux/blk-integrity.h>
#include <linux/blk-mq.h>
#include <linux/export.h>
#include <linux/phyr-block.h>

/**
 * phyr_list_append_request - append the data of a request
 * @list: The list.
 * @rq: The request, which has to stay as long as the list does.
 * @gfp: How to allocate, should that be necessary.
 *
 * The counterpart of blk_rq_map_sg().  What phyr_list_reserve() has set aside for
 * blk_rq_nr_phys_segments() ranges is enough.
 *
 * Context: Any that @gfp allows.  On error the list has the bytes that it had.
 * Return:
 * * 0 - success
 * * %-EINVAL - the request has no data
 * * others as phyr_list_append_pages()
 */
int phyr_list_append_request(struct phyr_list *list, struct request *rq, gfp_t gfp)
{
	u64 bytes = phyr_list_bytes(list);
	struct bio *bio;
	int ret = -EINVAL;

	if (rq->rq_flags & RQF_SPECIAL_PAYLOAD)
		return phyr_list_append_bvecs(list, &rq->special_vec, 1, gfp);
	__rq_for_each_bio(bio, rq) {
		if (!bio->bi_iter.bi_size)
			continue;
		ret = phyr_list_append_bvec_iter(list, bio->bi_io_vec, bio->bi_iter, gfp);
		if (ret) {
			phyr_list_truncate(list, bytes);
			break;
		}
	}
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_list_append_request);

#ifdef CONFIG_BLK_DEV_INTEGRITY
/**
 * phyr_list_append_integrity - append the integrity metadata of a request
 * @list: The list.
 * @rq: The request, which has to stay as long as the list does.
 * @gfp: How to allocate, should that be necessary.
 *
 * The counterpart of blk_rq_map_integrity_sg(), which takes req->nr_integrity_segments
 * ranges at most.
 *
 * Context: Any that @gfp allows.  On error the list has the bytes that it had.
 * Return:
 * * 0 - success
 * * %-EINVAL - the request has no metadata
 * * others as phyr_list_append_pages()
 */
int phyr_list_append_integrity(struct phyr_list *list, struct request *rq, gfp_t gfp)
{
	u64 bytes = phyr_list_bytes(list);
	struct bio *bio;
	int ret = -EINVAL;

	__rq_for_each_bio(bio, rq) {
		struct bio_integrity_payload *bip = bio_integrity(bio);

		if (!bip || !bip->bip_iter.bi_size)
			continue;
		ret = phyr_list_append_bvec_iter(list, bip->bip_vec, bip->bip_iter, gfp);
		if (ret) {
			phyr_list_truncate(list, bytes);
			break;
		}
	}
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_list_append_integrity);
#endif
