/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Generic netlink: the number the kernel gave a family and its multicast
 * groups, and the small header each of its messages begins with.
 *
 * Bytes to values and back, no socket: nlsock and nlask carry them.  A family
 * is looked for in the list of all families.  Asked for by its name the kernel
 * starts modprobe if it has none of that name, and lets the caller wait.
 */
#ifndef LIB_GENL_H
#define LIB_GENL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nlattr;
struct nlmsghdr;

/* A request of this size holds what is sent to devlink. */
#define OFL_GENL_REQUEST_BYTES 512
#define OFL_GENL_NAME_BYTES 16 /* the kernel's GENL_NAMSIZ */
#define OFL_GENL_GROUPS_MAX 8  /* of a family; more are left out */

struct ofl_genl_group {
	char name[OFL_GENL_NAME_BYTES];
	uint32_t id;
};

struct ofl_genl_family {
	uint16_t id; /* the type of its messages */
	uint32_t version;
	size_t group_count;
	struct ofl_genl_group groups[OFL_GENL_GROUPS_MAX];
};

/* Begin a request in `buf` (OFL_GENL_REQUEST_BYTES, aligned for a header). */
struct nlmsghdr *ofl_genl_begin(void *buf, uint16_t family_id, uint8_t cmd,
				uint8_t version, uint16_t flags);
/* Append a text, its final NUL included.  False if there is no room. */
bool ofl_genl_put_text(struct nlmsghdr *nlh, uint16_t type, const char *text);

/* The request for the list of all families. */
struct nlmsghdr *ofl_genl_families_encode(void *buf);
/* Whether this message of the list describes the family called `name`. */
bool ofl_genl_family_decode(const struct nlmsghdr *nlh, const char *name,
			    struct ofl_genl_family *ret_family);
/* The number of a group of it, 0 if it has none of that name. */
uint32_t ofl_genl_group_find(const struct ofl_genl_family *family,
			     const char *name);

/* The command of a message of that family; false if it is of another one or
 * too short. */
bool ofl_genl_decode(const struct nlmsghdr *nlh, uint16_t family_id,
		     uint8_t *ret_cmd);

/*
 * Attributes one after the other, every length checked.  next() returns NULL
 * behind the last one; what is left in between and is no attribute makes the
 * walk `malformed`.
 */
struct ofl_genl_walk {
	const uint8_t *at, *end;
	bool malformed;
};

void ofl_genl_walk_init(struct ofl_genl_walk *w, const struct nlmsghdr *nlh);
void ofl_genl_walk_nested(struct ofl_genl_walk *w, const struct nlattr *nest);
const struct nlattr *ofl_genl_walk_next(struct ofl_genl_walk *w);

/* The value of an attribute; false unless it has exactly that size, or is a
 * text with its NUL that is not empty and fits. */
bool ofl_genl_u8(const struct nlattr *attr, uint8_t *ret_value);
bool ofl_genl_u16(const struct nlattr *attr, uint16_t *ret_value);
bool ofl_genl_u32(const struct nlattr *attr, uint32_t *ret_value);
bool ofl_genl_u64(const struct nlattr *attr, uint64_t *ret_value);
bool ofl_genl_text(const struct nlattr *attr, char *ret_text, size_t size);

#endif /* LIB_GENL_H */
