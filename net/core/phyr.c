// SPDX-License-Identifier: GPL-2.0
/*
 * Physical range lists of socket buffers, for network devices that gather what they send.
 *
 * Who wants a scatterlist calls skb_to_sgvec() for an array that is large enough; a list has
 * no size to guess.  Nothing here maps or sends.
 */
#include <linux/bvec.h>
#include <linux/export.h>
#include <linux/phyr-skb.h>
#include <linux/skbuff.h>

/* What is left to append, and how many bytes to pass over before that */
struct skb_window {
	unsigned int	off;
	unsigned int	len;
};

/* How many of the next @bytes are in the window; @skip of them are before it */
static unsigned int skb_window_take(struct skb_window *window, unsigned int bytes,
				    unsigned int *skip)
{
	*skip = min(window->off, bytes);
	bytes = min(bytes - *skip, window->len);
	window->off -= *skip;
	window->len -= bytes;
	return bytes;
}

static int phyr_append_skb_frag(struct phyr_list *list, const skb_frag_t *frag, unsigned int skip,
				unsigned int len, gfp_t gfp)
{
	struct page *page = skb_frag_page(frag);
	struct bio_vec bvec;

	if (!page)
		return -ENXIO;
	bvec_set_page(&bvec, page, len, skb_frag_off(frag) + skip);
	return phyr_list_append_bvecs(list, &bvec, 1, gfp);
}

/* The bytes of one buffer, without those that it has others for */
static int phyr_append_skb_own(struct phyr_list *list, const struct sk_buff *skb,
			       struct skb_window *window, gfp_t gfp)
{
	unsigned int skip, len;
	int i, ret;

	len = skb_window_take(window, skb_headlen(skb), &skip);
	if (len) {
		ret = phyr_list_append_kaddr(list, skb->data + skip, len, gfp);
		if (ret)
			return ret;
	}
	for (i = 0; i < skb_shinfo(skb)->nr_frags && window->len; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];

		len = skb_window_take(window, skb_frag_size(frag), &skip);
		if (!len)
			continue;
		ret = phyr_append_skb_frag(list, frag, skip, len, gfp);
		if (ret)
			return ret;
	}
	return 0;
}

static int phyr_append_skb_all(struct phyr_list *list, const struct sk_buff *skb,
			       struct skb_window *window, gfp_t gfp)
{
	const struct sk_buff *part;
	int ret;

	ret = phyr_append_skb_own(list, skb, window, gfp);
	if (ret)
		return ret;
	skb_walk_frags(skb, part) {
		if (!window->len)
			break;
		/* Nobody makes such, and there is no recursion here */
		if (skb_has_frag_list(part))
			return -EMSGSIZE;
		ret = phyr_append_skb_own(list, part, window, gfp);
		if (ret)
			return ret;
	}
	return window->len ? -ERANGE : 0;
}

/**
 * phyr_list_append_skb - append a part of a socket buffer
 * @list: The list.
 * @skb: The buffer, which has to stay as long as the list does.
 * @off: Where to begin, bytes from skb->data.
 * @len: Bytes.
 * @gfp: How to allocate, should that be necessary.
 *
 * The counterpart of skb_to_sgvec().  What phyr_list_reserve() has set aside for
 * MAX_SKB_FRAGS + 1 ranges is enough for a buffer without a frag_list.
 *
 * Context: Any that @gfp allows.  On error the list has the bytes that it had.
 * Return:
 * * 0 - success
 * * %-EINVAL - @len is zero
 * * %-ERANGE - the buffer has fewer bytes
 * * %-EMSGSIZE - a buffer in its frag_list has a frag_list of its own
 * * %-ENXIO - some of it is device memory without a struct page
 * * others as phyr_list_append_pages()
 */
int phyr_list_append_skb(struct phyr_list *list, const struct sk_buff *skb, unsigned int off,
			 unsigned int len, gfp_t gfp)
{
	struct skb_window window = { .off = off, .len = len };
	u64 bytes = phyr_list_bytes(list);
	int ret;

	if (!len)
		return -EINVAL;
	ret = phyr_append_skb_all(list, skb, &window, gfp);
	if (ret)
		phyr_list_truncate(list, bytes);
	return ret;
}
EXPORT_SYMBOL_GPL(phyr_list_append_skb);
