/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hardware table as an operator describes it, and as it stands.
 */
#ifndef OFFLOADD_FLOW_HWTABLE_H
#define OFFLOADD_FLOW_HWTABLE_H

#include <stdbool.h>
#include <stdint.h>

#define OFL_NAME_LEN 64 /* names of tables, providers: with the final zero */
#define OFL_TABLES_MAX 32

/* A limit in slots or in percent of the capacity. */
struct ofl_limit {
	uint32_t value;
	bool percent;
};

/* How provider "tc" meets its hardware. */
#define OFL_TC_PORTS_MAX 64
#define OFL_TC_PORT_LEN 16 /* IFNAMSIZ */
#define OFL_TC_PATH_LEN 64
#define OFL_TC_PREF_MIN 3 /* lists have the two before */

enum ofl_tc_mode {
	OFL_TC_MODE_HARDWARE = 0, /* filters skip software */
	OFL_TC_MODE_SOFTWARE,	  /* filters skip hardware: a dry run */
};

struct ofl_tc_conf {
	char ports[OFL_TC_PORTS_MAX][OFL_TC_PORT_LEN]; /* device names */
	uint8_t port_count;
	uint8_t mode;	   /* enum ofl_tc_mode */
	bool single_path;  /* one next hop of several, instead of none */
	uint32_t block;	   /* index of the shared ingress block, 1.. */
	uint32_t chain;	   /* first chain of routes, 1.. */
	uint16_t pref;	   /* first of the two of chain 0, OFL_TC_PREF_MIN.. */
	char resource[OFL_TC_PATH_LEN]; /* devlink's name of the table, or "" */
};

#define OFL_EMULATED_FILE_LEN 256

/* Configuration.  Compared member by member when reconfigured. */
struct ofl_hwtable_conf {
	char name[OFL_NAME_LEN];
	char provider[OFL_NAME_LEN]; /* "emulated", ... */
	uint32_t capacity_slots;     /* 0: ask the provider ("auto") */
	uint16_t cost_v4_slots;	     /* slots one IPv4 entry takes, 1.. */
	uint16_t cost_v6_slots;
	struct ofl_limit high;	/* default 97 % */
	struct ofl_limit low;	/* default 90 %; must resolve below high */
	uint32_t reserve_slots; /* best effort may not use these */
	struct ofl_limit acl; /* lists may take so much; default 25 % */

	/* Who is worth a slot; see ofl_place_conf. */
	uint16_t hysteresis_permille;	     /* of the price, to change hands */
	uint8_t residence_sweeps;	     /* an entry stays for so many */
	uint32_t critical_cover_limit_slots; /* 0: no limit */
	uint32_t optional_writes_per_s;	     /* 0: not limited */
	uint32_t rebalance_s;		     /* from sweep to sweep, 1.. */
	bool exact; /* a small table gets the true optimum */

	struct ofl_tc_conf tc; /* of provider "tc" */

	/* Of provider "emulated": where entries outlive the daemon, or "". */
	char emulated_file[OFL_EMULATED_FILE_LEN];
};

/* reserve_slots: enough for what safety and critical routes ask for at once,
 * and never more than the default high watermark leaves. */
#define OFL_RESERVE_AUTO UINT32_MAX

/* Defaults: emulated, auto, 1, 2, 97 %, 90 %, auto; hysteresis 100, residence
 * 1, no cover limit, 500 optional writes a second, 10 s, exact. */
void ofl_hwtable_conf_init(struct ofl_hwtable_conf *c, const char *name);
/* A limit in slots for a capacity (percent rounds down); never more than the
 * capacity. */
uint32_t ofl_limit_slots(const struct ofl_limit *l, uint32_t capacity_slots);
/* The reserve in slots; never more than the capacity. */
uint32_t ofl_hwtable_reserve_slots(const struct ofl_hwtable_conf *c,
				   uint32_t capacity_slots);

#endif /* OFFLOADD_FLOW_HWTABLE_H */
