/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time comes from outside: rooms take microseconds as arguments, the edges
 * ask here, tests set what it says.
 */
#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H

#include <stdint.h>

uint64_t ofl_clock_mono_us(void); /* CLOCK_MONOTONIC, microseconds */
uint64_t ofl_clock_wall_us(void); /* CLOCK_REALTIME, since 1970 */

/* For tests: both clocks stand still at these until set again; 0, 0: real. */
void ofl_clock_set(uint64_t mono_us, uint64_t wall_us);

#endif /* LIB_CLOCK_H */
