/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Images of routes and the ways they lead, each kept once, by number.
 *
 * A million routes have a few thousand of either.  A route holds its image; an
 * image holds its way, so that the number of a way means the same as long as
 * any route goes it.
 */
#ifndef OFFLOADD_PROVIDER_PROV_FIB_IMAGE_H
#define OFFLOADD_PROVIDER_PROV_FIB_IMAGE_H

#include <stddef.h>
#include <stdint.h>

struct ofl_fibimages;

struct ofl_fibimages *ofl_fibimages_new(void);
void ofl_fibimages_free(struct ofl_fibimages *s); /* NULL is fine */

/* The number of this image with this way, 1.., and one reference more; an
 * image without bytes is one, too. */
uint32_t ofl_fibimage_get(struct ofl_fibimages *s, const uint8_t *image,
			  size_t image_len, const uint8_t *way, size_t way_len);
void ofl_fibimage_ref(struct ofl_fibimages *s, uint32_t image);
void ofl_fibimage_unref(struct ofl_fibimages *s, uint32_t image);
uint32_t ofl_fibimage_way(const struct ofl_fibimages *s, uint32_t image);
/* Good until the last reference goes. */
const uint8_t *ofl_fibimage_bytes(const struct ofl_fibimages *s, uint32_t image,
				  size_t *ret_len);
size_t ofl_fibimages_count(const struct ofl_fibimages *s);

#endif /* OFFLOADD_PROVIDER_PROV_FIB_IMAGE_H */
