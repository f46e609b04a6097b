// SPDX-License-Identifier: GPL-2.0-or-later
/* Devlink instances and ports; see prov_devlink_known.h. */
#include <zebra.h>

#include "memory.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/provider/prov_devlink_known.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_DEVLINK_KNOWN, "offload devlink known");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_DEVLINK_PORT, "offload devlink ports");

#define PORTS_FIRST 16

struct instance {
	struct ofl_devlink_instance known;
	uint32_t generation; /* of the list or later: it is there */
};

struct port {
	struct ofl_devlink_port known;
	uint32_t generation;
};

struct ofl_devlink_known {
	const struct ofl_devlink_events *events;
	void *arg;
	uint32_t generation;
	struct instance instances[OFL_DEVLINK_INSTANCES_MAX];
	uint32_t instance_count;
	struct port *ports;
	uint32_t port_count, ports_size;
	size_t cursor;
	uint64_t left_out;
};

struct ofl_devlink_known *
ofl_devlink_known_new(const struct ofl_devlink_events *events, void *arg)
{
	struct ofl_devlink_known *k =
		XCALLOC(MTYPE_OFL_DEVLINK_KNOWN, sizeof(*k));

	k->events = events;
	k->arg = arg;
	return k;
}

void ofl_devlink_known_free(struct ofl_devlink_known *k)
{
	XFREE(MTYPE_OFL_DEVLINK_PORT, k->ports);
	XFREE(MTYPE_OFL_DEVLINK_KNOWN, k);
}

/* --- ports --- */

static bool is_port(const struct port *p, const struct ofl_devlink_port *port)
{
	return p->known.index == port->index &&
	       ofl_devlink_handle_eq(&p->known.handle, &port->handle);
}

/* Lists come in the order they came in before: look behind the last one. */
static struct port *port_find(struct ofl_devlink_known *k,
			      const struct ofl_devlink_port *port)
{
	for (size_t i = 0; i < k->port_count; i++) {
		size_t at = (k->cursor + i) % k->port_count;

		if (is_port(&k->ports[at], port)) {
			k->cursor = at + 1;
			return &k->ports[at];
		}
	}
	return NULL;
}

static struct port *port_add(struct ofl_devlink_known *k)
{
	if (k->port_count == OFL_DEVLINK_PORTS_MAX) {
		k->left_out++;
		return NULL;
	}
	if (k->port_count == k->ports_size) {
		k->ports_size = k->ports_size ? 2 * k->ports_size : PORTS_FIRST;
		k->ports = XREALLOC(MTYPE_OFL_DEVLINK_PORT, k->ports,
				    k->ports_size * sizeof(*k->ports));
	}
	return &k->ports[k->port_count++];
}

static bool is_same_port(const struct ofl_devlink_port *a,
			 const struct ofl_devlink_port *b)
{
	return a->ifindex == b->ifindex && a->flavour == b->flavour &&
	       !strcmp(a->ifname, b->ifname);
}

void ofl_devlink_known_set_port(struct ofl_devlink_known *k,
				const struct ofl_devlink_port *port)
{
	enum ofl_devlink_change change = OFL_DEVLINK_CHANGED;
	struct port *p = port_find(k, port);
	bool same = p && is_same_port(&p->known, port);

	if (!p) {
		p = port_add(k);
		change = OFL_DEVLINK_APPEARED;
	}
	if (!p)
		return;
	p->known = *port;
	p->generation = k->generation;
	if (!same)
		k->events->port(k->arg, port, change);
}

static void port_del(struct ofl_devlink_known *k, struct port *p)
{
	const struct ofl_devlink_port gone = p->known;

	*p = k->ports[--k->port_count];
	k->events->port(k->arg, &gone, OFL_DEVLINK_GONE);
}

void ofl_devlink_known_del_port(struct ofl_devlink_known *k,
				const struct ofl_devlink_port *port)
{
	struct port *p = port_find(k, port);

	if (p)
		port_del(k, p);
}

/* Those of an instance, or (NULL) those the list did not name. */
static void ports_sweep(struct ofl_devlink_known *k,
			const struct ofl_devlink_handle *of)
{
	for (size_t i = k->port_count; i-- > 0;) {
		struct port *p = &k->ports[i];

		if (of ? ofl_devlink_handle_eq(&p->known.handle, of)
		       : p->generation != k->generation)
			port_del(k, p);
	}
}

/* --- instances --- */

static struct instance *instance_find(struct ofl_devlink_known *k,
				      const struct ofl_devlink_handle *handle)
{
	for (size_t i = 0; i < k->instance_count; i++)
		if (ofl_devlink_handle_eq(&k->instances[i].known.handle,
					  handle))
			return &k->instances[i];
	return NULL;
}

static void instance_add(struct ofl_devlink_known *k,
			 const struct ofl_devlink_instance *instance)
{
	if (k->instance_count == OFL_DEVLINK_INSTANCES_MAX) {
		k->left_out++;
		return;
	}
	k->instances[k->instance_count++] = (struct instance){
		.known = *instance,
		.generation = k->generation,
	};
	k->events->instance(k->arg, instance, OFL_DEVLINK_APPEARED);
}

bool ofl_devlink_known_set_instance(struct ofl_devlink_known *k,
				    const struct ofl_devlink_instance *instance)
{
	struct instance *i = instance_find(k, &instance->handle);
	bool reloaded, failed;

	if (!i) {
		instance_add(k, instance);
		return true;
	}
	/* Less than before: gone and back while nobody told. */
	reloaded = i->known.reloads != instance->reloads;
	failed = i->known.reload_failed != instance->reload_failed;
	i->known = *instance;
	i->generation = k->generation;
	if (!reloaded && !failed)
		return false;
	k->events->instance(k->arg, instance,
			    reloaded ? OFL_DEVLINK_RELOADED
				     : OFL_DEVLINK_CHANGED);
	return true;
}

static void instance_del(struct ofl_devlink_known *k, struct instance *i)
{
	const struct ofl_devlink_instance gone = i->known;

	*i = k->instances[--k->instance_count];
	ports_sweep(k, &gone.handle);
	k->events->instance(k->arg, &gone, OFL_DEVLINK_GONE);
}

void ofl_devlink_known_del_instance(struct ofl_devlink_known *k,
				    const struct ofl_devlink_handle *handle)
{
	struct instance *i = instance_find(k, handle);

	if (i)
		instance_del(k, i);
}

/* --- lists --- */

void ofl_devlink_known_list_begin(struct ofl_devlink_known *k)
{
	k->generation++;
}

void ofl_devlink_known_list_end_ports(struct ofl_devlink_known *k)
{
	ports_sweep(k, NULL);
}

void ofl_devlink_known_list_end_instances(struct ofl_devlink_known *k)
{
	for (size_t i = k->instance_count; i-- > 0;)
		if (k->instances[i].generation != k->generation)
			instance_del(k, &k->instances[i]);
}

/* --- looking --- */

const struct ofl_devlink_port *
ofl_devlink_known_port_find(const struct ofl_devlink_known *k, uint32_t ifindex)
{
	for (size_t i = 0; ifindex && i < k->port_count; i++)
		if (k->ports[i].known.ifindex == ifindex)
			return &k->ports[i].known;
	return NULL;
}

const struct ofl_devlink_port *
ofl_devlink_known_port_at(const struct ofl_devlink_known *k, size_t i)
{
	return i < k->port_count ? &k->ports[i].known : NULL;
}

const struct ofl_devlink_instance *
ofl_devlink_known_instance_at(const struct ofl_devlink_known *k, size_t i)
{
	return i < k->instance_count ? &k->instances[i].known : NULL;
}

void ofl_devlink_known_count(const struct ofl_devlink_known *k,
			     uint32_t *ret_instances, uint32_t *ret_ports,
			     uint64_t *ret_left_out)
{
	*ret_instances = k->instance_count;
	*ret_ports = k->port_count;
	*ret_left_out = k->left_out;
}
