/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of devlink_samples.h as messages, each in memory of its own size, so
 * that reading behind its end is noticed; and what can be done to them. */
#ifndef TESTS_UNIT_DEVLINK_FIXTURE_H
#define TESTS_UNIT_DEVLINK_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>

#include "devlink_samples.h"

#define FAMILY_ID 20

struct sample {
	uint8_t *buf;
	size_t len;
};

static inline uint8_t sample_digit(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static inline struct sample sample_make(const char *hex)
{
	struct sample s = {.len = strlen(hex) / 2};

	s.buf = malloc(s.len);
	assert_non_null(s.buf);
	for (size_t i = 0; i < s.len; i++)
		s.buf[i] = (uint8_t)(sample_digit(hex[2 * i]) << 4 |
				     sample_digit(hex[2 * i + 1]));
	return s;
}

/* The message at `i`, alone; free() it.  NULL: there are not so many. */
static inline struct nlmsghdr *sample_message(const char *hex, size_t i)
{
	struct sample s = sample_make(hex);
	const struct nlmsghdr *at = (struct nlmsghdr *)s.buf;
	struct nlmsghdr *nlh = NULL;
	int left = (int)s.len;

	for (; mnl_nlmsg_ok(at, left); at = mnl_nlmsg_next(at, &left)) {
		if (i--)
			continue;
		nlh = malloc(at->nlmsg_len);
		assert_non_null(nlh);
		memcpy(nlh, at, at->nlmsg_len);
		break;
	}
	free(s.buf);
	return nlh;
}

/* The first `len` bytes of it, as a message that says so. */
static inline struct nlmsghdr *sample_cut(const struct nlmsghdr *nlh,
					  uint32_t len)
{
	struct nlmsghdr *cut = malloc(len);

	assert_non_null(cut);
	memcpy(cut, nlh, len);
	cut->nlmsg_len = len;
	return cut;
}

static inline uint32_t sample_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* Everything that can go wrong with a message whose length is right: cut off
 * anywhere; any byte another one; several at random.  `try` must come back and
 * check what it got. */
static inline void sample_torture(const char *hex,
				  void (*try)(const struct nlmsghdr *nlh))
{
	static const uint8_t flips[] = {0x01, 0x04, 0x80, 0xff};
	struct nlmsghdr *nlh, *bad;
	uint32_t seed = 1;

	for (size_t m = 0; (nlh = sample_message(hex, m)); m++) {
		for (uint32_t n = sizeof(*nlh); n <= nlh->nlmsg_len; n++) {
			bad = sample_cut(nlh, n);
			try(bad);
			free(bad);
		}
		bad = sample_cut(nlh, nlh->nlmsg_len);
		for (uint32_t i = 4; i < nlh->nlmsg_len; i++) {
			for (size_t f = 0; f < sizeof(flips); f++) {
				((uint8_t *)bad)[i] ^= flips[f];
				try(bad);
				((uint8_t *)bad)[i] ^= flips[f];
			}
		}
		for (int round = 0; round < 20000; round++) {
			memcpy(bad, nlh, nlh->nlmsg_len);
			for (uint32_t k = 1 + round % 8; k; k--)
				((uint8_t *)bad)[20 + sample_random(&seed) %
							      (nlh->nlmsg_len -
							       20)] =
					(uint8_t)sample_random(&seed);
			try(bad);
		}
		free(bad);
		free(nlh);
	}
}

#endif /* TESTS_UNIT_DEVLINK_FIXTURE_H */
