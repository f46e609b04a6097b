// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Show what the kernel says by devlink as the provider sees it, one JSON
 * object a line, each flushed: for the tests in virtual machines.
 *
 *   devlink_live [--for MS] [--follow BUS/DEV] [--period MS] [--path PATH]
 *                [--rcvbuf-pause MS]
 *
 * Ends after --for (default 1000); the last line says what the whole took.
 * max_turn_us is the longest time one turn of the loop took, waiting in poll()
 * left out: it says whether the kernel made it wait.  With --rcvbuf-pause it
 * does not read for that long after it has come to know everything, so that
 * notifications can be lost.  Not one of the unit tests.
 */
#include <zebra.h>

#include <getopt.h>
#include <poll.h>

#include "lib/clock.h"
#include "offloadd/provider/prov_devlink.h"

static uint64_t start_us;
static const char *path;

static unsigned long long at_ms(void)
{
	return (ofl_clock_mono_us() - start_us) / 1000;
}

static void on_state(void *arg, enum ofl_devlink_state state, const char *text)
{
	static const char *const names[] = {"asking", "current", "absent"};

	printf("{\"at_ms\":%llu,\"event\":\"state\",\"state\":\"%s\","
	       "\"text\":\"%s\"}\n",
	       at_ms(), names[state], text);
}

static const char *const changes[] = {
	[OFL_DEVLINK_APPEARED] = "appeared",
	[OFL_DEVLINK_CHANGED] = "changed",
	[OFL_DEVLINK_RELOADED] = "reloaded",
	[OFL_DEVLINK_GONE] = "gone",
};

static void on_instance(void *arg, const struct ofl_devlink_instance *i,
			enum ofl_devlink_change change)
{
	printf("{\"at_ms\":%llu,\"event\":\"instance\",\"change\":\"%s\","
	       "\"handle\":\"%s/%s\",\"reloads\":%llu,\"failed\":%s}\n",
	       at_ms(), changes[change], i->handle.bus, i->handle.dev,
	       (unsigned long long)i->reloads,
	       i->reload_failed ? "true" : "false");
}

static void on_port(void *arg, const struct ofl_devlink_port *p,
		    enum ofl_devlink_change change)
{
	printf("{\"at_ms\":%llu,\"event\":\"port\",\"change\":\"%s\","
	       "\"handle\":\"%s/%s\",\"index\":%u,\"ifindex\":%u,"
	       "\"ifname\":\"%s\",\"flavour\":%u}\n",
	       at_ms(), changes[change], p->handle.bus, p->handle.dev, p->index,
	       p->ifindex, p->ifname, p->flavour);
}

static void print_resource(const struct ofl_devlink_resource *r)
{
	printf("{\"path\":\"%s\",\"size\":%llu,\"size_new\":%llu,\"occ\":",
	       r->path, (unsigned long long)r->size,
	       (unsigned long long)r->size_new);
	if (r->has_occ)
		printf("%llu}", (unsigned long long)r->occ);
	else
		printf("null}");
}

static void on_resources(void *arg, const struct ofl_devlink_handle *handle,
			 const struct ofl_devlink_resource *list, size_t count,
			 int errnum)
{
	const struct ofl_devlink_resource *found = NULL;
	const char *error = NULL;

	printf("{\"at_ms\":%llu,\"event\":\"resources\",\"handle\":\"%s/%s\","
	       "\"errno\":%d,\"resources\":[",
	       at_ms(), handle->bus, handle->dev, errnum);
	for (size_t i = 0; i < count; i++) {
		printf("%s", i ? "," : "");
		print_resource(&list[i]);
	}
	printf("]");
	if (path && !errnum)
		found = ofl_devlink_resource_find(list, count, path, &error);
	if (found) {
		printf(",\"table\":");
		print_resource(found);
	} else if (error) {
		printf(",\"table\":null,\"error\":\"%s\"", error);
	}
	printf("}\n");
}

static const struct ofl_devlink_events events = {
	.state = on_state,
	.instance = on_instance,
	.port = on_port,
	.resources = on_resources,
};

static uint64_t turn(struct ofl_devlink *d, uint64_t until_us)
{
	struct pollfd p = {.fd = ofl_devlink_fd(d), .events = POLLIN};
	uint64_t before_us = ofl_clock_mono_us();
	uint64_t due_us = ofl_devlink_poll(d, before_us, 100);
	uint64_t now_us = ofl_clock_mono_us();

	fflush(stdout);
	due_us = MIN(due_us, until_us);
	poll(&p, 1, due_us > now_us ? (int)((due_us - now_us) / 1000 + 1) : 0);
	return now_us - before_us;
}

static bool number(const char *text, uint32_t *ret_value)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!*text || *end || value > INT32_MAX)
		return false;
	*ret_value = (uint32_t)value;
	return true;
}

struct options {
	uint32_t for_ms, period_ms, pause_ms;
	bool follow;
	struct ofl_devlink_handle handle;
};

static bool parse(int argc, char **argv, struct options *o)
{
	static const struct option options[] = {
		{"for", required_argument, NULL, 'f'},
		{"follow", required_argument, NULL, 'F'},
		{"period", required_argument, NULL, 'p'},
		{"path", required_argument, NULL, 'P'},
		{"rcvbuf-pause", required_argument, NULL, 'b'},
		{NULL, 0, NULL, 0},
	};
	bool ok = true;
	int c;

	while (ok && (c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'f')
			ok = number(optarg, &o->for_ms);
		else if (c == 'p')
			ok = number(optarg, &o->period_ms);
		else if (c == 'b')
			ok = number(optarg, &o->pause_ms);
		else if (c == 'F')
			ok = o->follow =
				ofl_devlink_handle_parse(optarg, &o->handle);
		else if (c == 'P')
			path = optarg;
		else
			ok = false;
	}
	return ok && optind == argc;
}

static void print_end(struct ofl_devlink *d, uint64_t max_turn_us)
{
	struct ofl_devlink_stats stats;
	const char *text;

	ofl_devlink_stats(d, &stats);
	ofl_devlink_state(d, &text);
	printf("{\"at_ms\":%llu,\"event\":\"end\",\"text\":\"%s\","
	       "\"instances\":%u,\"ports\":%u,\"asked\":%llu,\"lists\":%llu,"
	       "\"failed\":%llu,\"overruns\":%llu,\"malformed\":%llu,"
	       "\"waiting\":%s,\"max_turn_us\":%llu}\n",
	       at_ms(), text, stats.instances, stats.ports,
	       (unsigned long long)stats.asked, (unsigned long long)stats.lists,
	       (unsigned long long)stats.failed,
	       (unsigned long long)stats.overruns,
	       (unsigned long long)stats.malformed,
	       stats.waiting_us ? "true" : "false",
	       (unsigned long long)max_turn_us);
}

int main(int argc, char **argv)
{
	struct options o = {.for_ms = 1000, .period_ms = 100};
	uint64_t until_us, took_us, max_turn_us = 0;
	struct ofl_devlink *d;
	const char *text;

	if (!parse(argc, argv, &o)) {
		fprintf(stderr, "devlink_live: options are in its source\n");
		return 2;
	}
	start_us = ofl_clock_mono_us();
	until_us = start_us + o.for_ms * 1000ull;
	d = ofl_devlink_new(&events, NULL);
	if (!d || (o.follow && !ofl_devlink_follow(d, &o.handle, o.period_ms)))
		return 1;
	while (ofl_clock_mono_us() < until_us) {
		took_us = turn(d, until_us);
		max_turn_us = MAX(max_turn_us, took_us);
		if (o.pause_ms &&
		    ofl_devlink_state(d, &text) == OFL_DEVLINK_CURRENT) {
			usleep(o.pause_ms * 1000);
			o.pause_ms = 0;
		}
	}
	print_end(d, max_turn_us);
	fflush(stdout);
	ofl_devlink_free(d);
	return 0;
}
