// SPDX-License-Identifier: GPL-2.0-or-later
/* Bytes kept once, by number; see prov_fib_image.h. */
#include <zebra.h>

#include "jhash.h"
#include "memory.h"
#include "typesafe.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/provider/prov_fib_image.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_FIBIMAGE, "offload route image");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_FIBIMAGES, "offload route images");

PREDECL_HASH(ofl_fibimage_hash);

struct image {
	struct ofl_fibimage_hash_item item;
	uint32_t id, refs;
	uint32_t way; /* 0: this is a way itself */
	uint32_t hash;
	size_t len;
	const uint8_t *at; /* `own`, or of whoever looks for it */
	uint8_t own[];
};

struct ofl_fibimages {
	struct ofl_fibimage_hash_head by_bytes;
	struct image **by_id;
	uint32_t size;
	uint32_t next; /* where to look for a free number */
};

static int image_cmp(const struct image *a, const struct image *b)
{
	return a->len != b->len || a->way != b->way || a->hash != b->hash ||
	       (a->len && memcmp(a->at, b->at, a->len));
}

static uint32_t image_hash(const struct image *i)
{
	return i->hash;
}

DECLARE_HASH(ofl_fibimage_hash, struct image, item, image_cmp, image_hash);

struct ofl_fibimages *ofl_fibimages_new(void)
{
	struct ofl_fibimages *s = XCALLOC(MTYPE_OFL_FIBIMAGES, sizeof(*s));

	ofl_fibimage_hash_init(&s->by_bytes);
	return s;
}

void ofl_fibimages_free(struct ofl_fibimages *s)
{
	if (!s)
		return;
	for (uint32_t id = 1; id < s->size; id++) {
		if (!s->by_id[id])
			continue;
		ofl_fibimage_hash_del(&s->by_bytes, s->by_id[id]);
		XFREE(MTYPE_OFL_FIBIMAGE, s->by_id[id]);
	}
	ofl_fibimage_hash_fini(&s->by_bytes);
	XFREE(MTYPE_OFL_FIBIMAGES, s->by_id);
	XFREE(MTYPE_OFL_FIBIMAGES, s);
}

static uint32_t id_take(struct ofl_fibimages *s)
{
	uint32_t size = s->size ? 2 * s->size : 64;

	for (uint32_t i = 0; i < s->size; i++) {
		uint32_t id = (s->next + i) % s->size;

		if (id && !s->by_id[id]) {
			s->next = id + 1;
			return id;
		}
	}
	s->by_id = XREALLOC(MTYPE_OFL_FIBIMAGES, s->by_id,
			    size * sizeof(*s->by_id));
	memset(s->by_id + s->size, 0, (size - s->size) * sizeof(*s->by_id));
	s->next = MAX(s->size, 1) + 1;
	s->size = size;
	return s->next - 1;
}

static struct image *get(struct ofl_fibimages *s, const uint8_t *at, size_t len,
			 uint32_t way)
{
	struct image ref = {
		.len = len, .at = at, .way = way, .hash = jhash(at, len, way)};
	struct image *i = ofl_fibimage_hash_find(&s->by_bytes, &ref);

	if (!i) {
		i = XCALLOC(MTYPE_OFL_FIBIMAGE, sizeof(*i) + len);
		i->id = id_take(s);
		i->len = len;
		i->way = way;
		i->hash = ref.hash;
		i->at = i->own;
		if (len)
			memcpy(i->own, at, len);
		s->by_id[i->id] = i;
		ofl_fibimage_hash_add(&s->by_bytes, i);
	}
	i->refs++;
	return i;
}

uint32_t ofl_fibimage_get(struct ofl_fibimages *s, const uint8_t *image,
			  size_t image_len, const uint8_t *way, size_t way_len)
{
	struct image *w = get(s, way, way_len, 0), *i;

	i = get(s, image, image_len, w->id);
	if (i->refs > 1)
		w->refs--; /* an image holds its way once */
	return i->id;
}

void ofl_fibimage_ref(struct ofl_fibimages *s, uint32_t image)
{
	s->by_id[image]->refs++;
}

void ofl_fibimage_unref(struct ofl_fibimages *s, uint32_t image)
{
	while (image) {
		struct image *i = s->by_id[image];

		if (--i->refs)
			return;
		image = i->way;
		ofl_fibimage_hash_del(&s->by_bytes, i);
		s->by_id[i->id] = NULL;
		XFREE(MTYPE_OFL_FIBIMAGE, i);
	}
}

uint32_t ofl_fibimage_way(const struct ofl_fibimages *s, uint32_t image)
{
	return s->by_id[image]->way;
}

const uint8_t *ofl_fibimage_bytes(const struct ofl_fibimages *s, uint32_t image,
				  size_t *ret_len)
{
	*ret_len = s->by_id[image]->len;
	return s->by_id[image]->at;
}

size_t ofl_fibimages_count(const struct ofl_fibimages *s)
{
	return ofl_fibimage_hash_count(&s->by_bytes);
}
