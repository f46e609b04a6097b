/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The framing of FPM: a header of four bytes (version 1, type, length of the
 * whole in network order), and netlink messages behind it.  Pure; every length
 * is checked, fit for a fuzzer.
 */
#ifndef OFFLOADD_SOURCE_FPM_FRAME_H
#define OFFLOADD_SOURCE_FPM_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nlmsghdr;

#define OFL_FPM_HEADER_BYTES 4
#define OFL_FPM_FRAME_MAX 65535

/* For ofl_bulk_new(): a version that is not 1, a type that is not netlink or a
 * length that does not hold its own header is garbage. */
size_t ofl_fpm_frame_measure(const uint8_t *data, size_t left,
			     bool *ret_garbage);

/* The messages of one frame, in their order.  False: bytes are left that are
 * no message. */
bool ofl_fpm_frame_walk(const uint8_t *frame, size_t len,
			void (*cb)(const struct nlmsghdr *n, void *arg),
			void *arg);

/* A header for `payload` bytes that follow; false: a frame has no such. */
bool ofl_fpm_frame_encode(uint8_t header[OFL_FPM_HEADER_BYTES], size_t payload);

#endif /* OFFLOADD_SOURCE_FPM_FRAME_H */
