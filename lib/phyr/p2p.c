// SPDX-License-Identifier: GPL-2.0
/*
 * Physical range lists of peer-to-peer memory, and the references on its providers.
 *
 * Each run of ranges of a provider holds one reference.  It keeps the provider's
 * structure, so that a list can always be walked, mapped (which then fails) and
 * released; it does not keep the memory nor its owner.
 */
#include <linux/export.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/p2pdma-provider.h>
#include <linux/phyr.h>

#include "storage.h"

void phyr_hold_provider(const struct phyr_run *run)
{
	p2pdma_provider_get(run->provider);
}

void phyr_drop_provider(const struct phyr_run *run)
{
	p2pdma_provider_put(run->provider);
}

/**
 * phyr_list_append_p2p - append memory of a provider
 * @list: The list, which holds the provider from now on.
 * @provider: The provider.
 * @offset: Where in its window to begin, bytes.
 * @len: Bytes.
 * @gfp: How to allocate, should that be necessary.
 *
 * Becomes part of the last range if it follows on it and is of the same provider.
 * Needs no struct page.  Nobody is asked yet which device may or can reach it; see
 * dma_map_phyr().
 *
 * Context: Any that @gfp allows.  On error the list is as it was.
 * Return:
 * * 0 - success
 * * %-EINVAL - @len is zero
 * * %-ERANGE - the provider has no such bytes
 * * %-ENODEV - the provider is revoked or gone
 * * %-E2BIG - the list would have 2^63 bytes or more
 * * %-ENOMEM - no memory for the list itself
 */
int phyr_list_append_p2p(struct phyr_list *list, struct p2pdma_provider *provider,
			 u64 offset, u64 len, gfp_t gfp)
{
	const struct phyr_run run = { .provider = provider, .kind = PHYR_P2P };
	u64 end;

	if (!len)
		return -EINVAL;
	if (check_add_overflow(offset, len, &end) || end > provider->size)
		return -ERANGE;
	if (p2pdma_provider_is_revoked(provider))
		return -ENODEV;
	return phyr_append(list, &run, provider->start + offset, len, true, gfp);
}
EXPORT_SYMBOL_GPL(phyr_list_append_p2p);

int phyr_append_p2p_page(struct phyr_list *list, struct page *page, size_t offset, u64 len,
			 u8 attrs, gfp_t gfp)
{
	const struct phyr_run run = {
		.provider	= p2pdma_page_provider(page),
		.kind		= PHYR_P2P,
		.attrs		= attrs,
	};

	if (!run.provider)
		return -EREMOTEIO;
	if (p2pdma_provider_is_revoked(run.provider))
		return -ENODEV;
	return phyr_append(list, &run, page_to_phys(page) + offset, len, true, gfp);
}
