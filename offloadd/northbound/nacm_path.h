/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The form of ietf-netconf-acm's node-instance-identifier: steps with
 * predicates, as text.
 *
 *     /frr-offload:offload/table[name='hw0']/provider
 *
 * Only the form: whether a module has such nodes is for those who know the
 * schema (netconf/nacm_rules.c).  Nothing is copied: what is returned points
 * into the path.  A step without a prefix is of the module of the step before
 * it.
 */
#ifndef OFFLOADD_NORTHBOUND_NACM_PATH_H
#define OFFLOADD_NORTHBOUND_NACM_PATH_H

#include <stdbool.h>
#include <stddef.h>

/* More than any model has levels. */
#define OFL_NACM_STEPS 32

struct ofl_nacm_word {
	const char *text;
	size_t len;
};

struct ofl_nacm_step {
	struct ofl_nacm_word module; /* len 0: that of the step before */
	struct ofl_nacm_word name;
	const char *predicates; /* for ofl_nacm_path_predicate() */
};

struct ofl_nacm_predicate {
	struct ofl_nacm_word module; /* len 0: that of the step */
	struct ofl_nacm_word key;    /* "." is the value of a leaf-list */
	struct ofl_nacm_word value;  /* what was quoted */
	bool is_user;		     /* instead: $USER */
};

/* The next of it: 1 and *at moves on, 0 at the end, -1: it is malformed. */
int ofl_nacm_path_step(const char **at, struct ofl_nacm_step *ret_step);
int ofl_nacm_path_predicate(const char **at,
			    struct ofl_nacm_predicate *ret_predicate);
/* "/" stands for everything. */
bool ofl_nacm_path_is_all(const char *path);
/* Is it well-formed, to its end? */
bool ofl_nacm_path_ok(const char *path);

#endif /* OFFLOADD_NORTHBOUND_NACM_PATH_H */
