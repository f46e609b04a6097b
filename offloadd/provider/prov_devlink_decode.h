/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel says by devlink, as values: instances (devices), their
 * ports and the netdev of each, their resources (how large a table is and how
 * full).
 *
 * Pure: bytes in, values out, no state.  Nothing in a message is believed
 * before its length was looked at; attributes that are not known here are
 * passed over, one that is known and is not what it should be makes the whole
 * message malformed.  prov_devlink_known.h keeps what was decoded.
 */
#ifndef OFFLOADD_PROVIDER_PROV_DEVLINK_DECODE_H
#define OFFLOADD_PROVIDER_PROV_DEVLINK_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nlmsghdr;

/* The name of an instance: "pci/0000:03:00.0" is bus and device. */
struct ofl_devlink_handle {
	char bus[32];
	char dev[128];
};

/* The size of a table that has no limit. */
#define OFL_DEVLINK_UNLIMITED UINT64_MAX

struct ofl_devlink_instance {
	struct ofl_devlink_handle handle;
	bool reload_failed; /* it is there, without ports and tables */
	/* Reloads since it appeared, its own and those another host caused,
	 * but for the ones that reset nothing. */
	uint64_t reloads;
};

struct ofl_devlink_port {
	struct ofl_devlink_handle handle;
	uint32_t index;	  /* in its instance */
	uint32_t ifindex; /* 0: no netdev, or one in another namespace */
	char ifname[16];
	uint16_t flavour; /* enum devlink_port_flavour */
};

#define OFL_DEVLINK_PATH_BYTES 128
#define OFL_DEVLINK_DEPTH_MAX 8
#define OFL_DEVLINK_NO_PARENT UINT16_MAX

struct ofl_devlink_resource {
	char path[OFL_DEVLINK_PATH_BYTES]; /* "memory/acl_tcam" */
	uint64_t id;
	uint64_t size;	   /* in use */
	uint64_t size_new; /* after the next reload */
	uint64_t size_min, size_max, size_granularity;
	uint64_t occ; /* used, if has_occ */
	bool has_occ;
	bool size_valid; /* false: the parts are more than the whole */
	uint8_t unit;	 /* enum devlink_resource_unit: 0 is entries */
	uint16_t parent; /* index in the list, it comes before its parts */
};

enum ofl_devlink_decoded {
	OFL_DEVLINK_IGNORED = 0, /* of something else */
	OFL_DEVLINK_INSTANCE,
	OFL_DEVLINK_PORT,
	OFL_DEVLINK_MALFORMED,
};

struct ofl_devlink_message {
	bool gone;
	struct ofl_devlink_instance instance; /* INSTANCE */
	struct ofl_devlink_port port;	      /* PORT */
};

/* A notification, or an answer about instances or ports. */
enum ofl_devlink_decoded
ofl_devlink_decode(const struct nlmsghdr *nlh, uint16_t family_id,
		   struct ofl_devlink_message *ret_message);

/* One message of an answer about resources: they are appended to the `*count`
 * there are in `list`.  False if it is malformed, of another instance than
 * `handle`, or does not fit into `max`. */
bool ofl_devlink_resources_decode(const struct nlmsghdr *nlh,
				  uint16_t family_id,
				  const struct ofl_devlink_handle *handle,
				  struct ofl_devlink_resource *list, size_t max,
				  size_t *count);

/* Which resource is meant by a configured path: all of it ("memory/acl_tcam",
 * slashes around it do not matter) or, if only one has that name, its last
 * part ("acl_tcam").  NULL and *ret_error (static text) if there is none or
 * more than one. */
const struct ofl_devlink_resource *
ofl_devlink_resource_find(const struct ofl_devlink_resource *list, size_t count,
			  const char *path, const char **ret_error);

/* Bus and device from "pci/0000:03:00.0"; false if it is not of that form. */
bool ofl_devlink_handle_parse(const char *text,
			      struct ofl_devlink_handle *ret_handle);
bool ofl_devlink_handle_eq(const struct ofl_devlink_handle *a,
			   const struct ofl_devlink_handle *b);

#endif /* OFFLOADD_PROVIDER_PROV_DEVLINK_DECODE_H */
