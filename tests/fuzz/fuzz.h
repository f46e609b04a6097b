/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the targets of this directory share: bytes taken one after the other
 * from an input, and a claim that must hold whatever the input is.
 *
 * A target is one file with LLVMFuzzerTestOneInput() and no main: libFuzzer
 * brings one (tests/fuzz/run.sh), replay.c another.  It links its room and
 * those below, refuses no input, keeps nothing from one to the next that would
 * change what the next one does, and talks to nobody.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not assert(): it must hold in every build. */
#define FUZZ_CHECK(claim)                                                      \
	do {                                                                   \
		if (!(claim)) {                                                \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,       \
				__LINE__, #claim);                             \
			abort();                                               \
		}                                                              \
	} while (0)

/* What is left of an input; behind its end there are zeroes. */
struct fuzz {
	const uint8_t *at;
	size_t left;
};

static inline void fuzz_bytes(struct fuzz *f, void *to, size_t n)
{
	size_t have = n < f->left ? n : f->left;

	memset(to, 0, n);
	if (!have)
		return;
	memcpy(to, f->at, have);
	f->at += have;
	f->left -= have;
}

static inline uint8_t fuzz_u8(struct fuzz *f)
{
	uint8_t v;

	fuzz_bytes(f, &v, sizeof(v));
	return v;
}

static inline uint16_t fuzz_u16(struct fuzz *f)
{
	uint16_t v;

	fuzz_bytes(f, &v, sizeof(v));
	return v;
}

static inline uint32_t fuzz_u32(struct fuzz *f)
{
	uint32_t v;

	fuzz_bytes(f, &v, sizeof(v));
	return v;
}

static inline uint64_t fuzz_u64(struct fuzz *f)
{
	uint64_t v;

	fuzz_bytes(f, &v, sizeof(v));
	return v;
}

/* The next n bytes in memory of just that size, so that reading behind them is
 * noticed; free() it.  What there is, if there are fewer. */
static inline void *fuzz_copy(struct fuzz *f, size_t n, size_t *ret_len)
{
	size_t len = n < f->left ? n : f->left;
	void *copy = malloc(len ? len : 1);

	FUZZ_CHECK(copy);
	fuzz_bytes(f, copy, len);
	*ret_len = len;
	return copy;
}

/* The rest as text, cut at its first zero; free() it. */
static inline char *fuzz_text(struct fuzz *f)
{
	size_t len = f->left ? strnlen((const char *)f->at, f->left) : 0;
	char *text = malloc(len + 1);

	FUZZ_CHECK(text);
	fuzz_bytes(f, text, len);
	text[len] = '\0';
	return text;
}

#endif /* TESTS_FUZZ_FUZZ_H */
