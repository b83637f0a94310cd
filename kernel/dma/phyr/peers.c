// SPDX-License-Identifier: GPL-2.0
/*
 * dma_map_phyr(): peers, the providers of the peer-to-peer memory in a list.
 *
 * Before anything of a list is mapped, each provider that it names is asked once how
 * the device reaches it, and the answer is kept with the mapping until it ends.  What
 * the paths make of it is their affair: memory that is reached by bus address is of no
 * concern to them, memory behind the host bridge is mapped as MMIO is.
 *
 * There is one peer for each provider, however many runs it has.  Few lists have
 * more than two or three, so they are a chain; those that a reserve has set aside and
 * that are not in use are at its end.
 */
#include <linux/atomic.h>
#include <linux/dma-mapping.h>
#include <linux/p2pdma-provider.h>
#include <linux/slab.h>

#include "paths.h"

struct dma_phyr_peer {
	struct p2pdma_mapping	mapping;	/* of no provider: not in use */
	struct dma_phyr_map	*map;
	struct dma_phyr_peer	*next;
};

const struct p2pdma_mapping *dma_phyr_find_peer(const struct dma_phyr_map *map,
						const struct phyr_run *run)
{
	struct dma_phyr_peer *peer;

	if (run->kind != PHYR_P2P)
		return NULL;
	for (peer = map->peers; peer; peer = peer->next)
		if (peer->mapping.provider == run->provider)
			return &peer->mapping;
	return NULL;
}

static struct dma_phyr_peer *dma_phyr_alloc_peer(struct dma_phyr_map *map, gfp_t gfp)
{
	struct dma_phyr_peer *peer = kzalloc(sizeof(*peer), gfp);

	if (peer)
		peer->map = map;
	return peer;
}

/* A peer that is not in use, which is at the end of the chain */
static struct dma_phyr_peer *dma_phyr_spare_peer(struct dma_phyr_map *map, gfp_t gfp)
{
	struct dma_phyr_peer **link = &map->peers;

	while (*link && (*link)->mapping.provider)
		link = &(*link)->next;
	if (!*link)
		*link = dma_phyr_alloc_peer(map, gfp);
	return *link;
}

/*
 * The owner of a mapping is told once, and only while there is something to unmap: when
 * a provider is revoked before that the mapping fails, and while it is being unmapped
 * nobody has to be told to do so.
 */
enum {
	DMA_PHYR_MAPPING,
	DMA_PHYR_INTERRUPTED,		/* revoked while mapping */
	DMA_PHYR_ARMED,
	DMA_PHYR_DISARMED,		/* told, or being unmapped */
};

/* With the provider's lock held, so the mapping stays */
static void dma_phyr_invalidate(struct p2pdma_mapping *mapping)
{
	struct dma_phyr_map *map = container_of(mapping, struct dma_phyr_peer, mapping)->map;

	if (atomic_cmpxchg(&map->told, DMA_PHYR_MAPPING, DMA_PHYR_INTERRUPTED) ==
	    DMA_PHYR_ARMED &&
	    atomic_cmpxchg(&map->told, DMA_PHYR_ARMED, DMA_PHYR_DISARMED) == DMA_PHYR_ARMED)
		map->invalidate(map);
}

/* All is mapped; false if some of it was revoked meanwhile */
bool dma_phyr_arm_peers(struct dma_phyr_map *map)
{
	struct dma_phyr_peer *peer;

	for (peer = map->peers; peer && peer->mapping.provider; peer = peer->next)
		if (p2pdma_provider_is_revoked(peer->mapping.provider))
			return false;
	return atomic_cmpxchg(&map->told, DMA_PHYR_MAPPING, DMA_PHYR_ARMED) == DMA_PHYR_MAPPING;
}

void dma_phyr_disarm_peers(struct dma_phyr_map *map)
{
	atomic_set(&map->told, DMA_PHYR_DISARMED);
}

static struct p2pdma_mapping *dma_phyr_add_peer(struct dma_phyr_map *map,
						struct p2pdma_provider *provider)
{
	const gfp_t gfp = GFP_ATOMIC | __GFP_NOWARN;
	struct dma_phyr_peer *peer = dma_phyr_spare_peer(map, gfp);
	int ret;

	if (!peer)
		return ERR_PTR(-ENOMEM);
	ret = p2pdma_mapping_begin(&peer->mapping, provider, map->dev,
				   map->invalidate ? dma_phyr_invalidate : NULL, gfp);
	if (ret)
		return ERR_PTR(ret);
	return &peer->mapping;
}

/*
 * Can the device generate these bus addresses?  Its own mask tells; limits of what is
 * between it and memory do not matter to them.
 */
static bool dma_phyr_bus_capable(struct dma_phyr_map *map, const struct p2pdma_mapping *peer,
				 const struct phyr *range)
{
	u64 first = range->addr + peer->bus_offset, last = first + (range->len - 1);

	return last >= first && last <= min(*map->dev->dma_mask, (u64)(dma_addr_t)~0ULL);
}

/* Find out how all peer-to-peer memory of the window is reached, or that some is not */
int dma_phyr_attach_peers(struct dma_phyr_map *map)
{
	struct p2pdma_mapping *peer = NULL;
	struct phyr_iter iter;
	struct phyr range;
	int ret;

	atomic_set(&map->told, DMA_PHYR_MAPPING);
	phyr_iter_init_window(&iter, map->list, map->off, map->len);
	while (phyr_iter_next(&iter, &range)) {
		if (range.run->kind != PHYR_P2P)
			continue;
		if (!peer || peer->provider != range.run->provider)
			peer = (struct p2pdma_mapping *)dma_phyr_find_peer(map, range.run);
		if (!peer)
			peer = dma_phyr_add_peer(map, range.run->provider);
		if (IS_ERR(peer)) {
			ret = PTR_ERR(peer);
			goto out_detach;
		}
		ret = p2pdma_mapping_add(peer, range.addr, range.len);
		if (!ret && dma_phyr_is_on_bus(peer) && !dma_phyr_bus_capable(map, peer, &range))
			ret = -EADDRNOTAVAIL;
		if (ret)
			goto out_detach;
	}
	return 0;

out_detach:
	dma_phyr_detach_peers(map);
	return ret;
}

/* After the last DMA; what was reserved stays */
void dma_phyr_detach_peers(struct dma_phyr_map *map)
{
	struct dma_phyr_peer *peer;

	for (peer = map->peers; peer && peer->mapping.provider; peer = peer->next)
		p2pdma_mapping_end(&peer->mapping);
	if (!(map->flags & DMA_PHYR_RESERVED))
		dma_phyr_free_peers(map);
}

void dma_phyr_free_peers(struct dma_phyr_map *map)
{
	struct dma_phyr_peer *peer, *next;

	for (peer = map->peers; peer; peer = next) {
		next = peer->next;
		kfree(peer);
	}
	map->peers = NULL;
}

/*
 * Set aside what mapping @list will need for its providers, which are held by it.  On
 * error what there was before, and perhaps more, is set aside.
 */
int dma_phyr_reserve_peers(struct dma_phyr_map *map, struct device *dev,
			   const struct phyr_list *list, gfp_t gfp)
{
	struct dma_phyr_peer *peer, **link = &map->peers;
	struct dma_phyr_map seen = {};
	struct phyr_iter iter;
	struct phyr range;
	int ret = 0;

	phyr_list_for_each(range, iter, list) {
		if (range.run->kind != PHYR_P2P || dma_phyr_find_peer(&seen, range.run))
			continue;
		if (!*link)
			*link = dma_phyr_alloc_peer(map, gfp);
		peer = dma_phyr_spare_peer(&seen, gfp);
		if (!*link || !peer) {
			ret = -ENOMEM;
			break;
		}
		link = &(*link)->next;
		peer->mapping.provider = range.run->provider;
		ret = p2pdma_client_reserve(range.run->provider, dev, gfp);
		/* Mapping will tell that it is gone */
		if (ret && ret != -ENODEV)
			break;
		ret = 0;
	}
	dma_phyr_free_peers(&seen);
	return ret;
}
