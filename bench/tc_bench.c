// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How fast the tc provider writes, beside a sender that does nothing else.
 *
 * Both write the same filters into one shared block: the provider through its
 * contract, with an answer for each that says whether hardware has it; the raw
 * sender 64 messages a send with an ACK on the last only, which is as fast as
 * netlink takes them and tells nothing.  Prints one JSON object.
 *
 * It wants devices with clsact and that block (tc qdisc add dev DEVICE
 * ingress_block N clsact), which offload tc or else --software, and writes to
 * them: use a virtual machine.
 */
#include <zebra.h>

#include <getopt.h>
#include <poll.h>
#include <time.h>

#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>

#include "lib/clock.h"
#include "lib/nlsock.h"
#include "offloadd/flow/action.h"
#include "offloadd/provider/prov_tc.h"
#include "offloadd/provider/prov_tc_filter.h"

#define BATCH 64
#define PATIENCE_MS 30000
#define RCVBUF_BYTES (8 << 20)
#define RAW_CHAIN 9000 /* away from the provider's */

struct options {
	struct ofl_hwtable_conf conf;
	uint32_t routes;
	const char *out;
};

struct run {
	struct ofl_provider *p;
	bool ready, idle;
	uint32_t answered, refused, lost;
	char text[OFL_OUTCOME_TEXT];
};

static void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("tc_bench: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

static double since(uint64_t began_us)
{
	return (ofl_clock_mono_us() - began_us) / 1e6;
}

static struct ofl_prefix route(uint32_t i)
{
	uint32_t addr = htonl(0x0b000000u + (i << 8));

	return ofl_prefix_make(AF_INET, &addr, 24);
}

/* --- the provider --- */

static void on_done(void *arg, const struct ofl_outcome *o)
{
	struct run *r = arg;

	r->answered++;
	if (o->status == OFL_STATUS_OK)
		return;
	r->refused++;
	if (!r->text[0])
		strlcpy(r->text, o->text, sizeof(r->text));
}

static void on_lost(void *arg, const struct ofl_key *key, const char *text)
{
	((struct run *)arg)->lost++;
}

static void on_capacity(void *arg, uint32_t capacity_slots)
{
}

static void on_ready(void *arg, bool ready, const char *text)
{
	((struct run *)arg)->ready = ready;
}

static const struct ofl_provider_events events = {
	.done = on_done,
	.lost = on_lost,
	.unfit = on_lost,
	.capacity = on_capacity,
	.ready = on_ready,
};

/* One look at what came; before it, a wait if the last one left nothing. */
static void turn(struct run *r)
{
	struct pollfd fd = {.fd = ofl_prov_tc.fd(r->p), .events = POLLIN};

	if (r->idle && poll(&fd, 1, PATIENCE_MS) == 0)
		fail("no answer for %d s: %s", PATIENCE_MS / 1000, r->text);
	r->idle = ofl_prov_tc.poll(r->p, ofl_clock_mono_us(), 1024) != 0;
}

static double run_ops(struct run *r, const struct options *o,
		      enum ofl_op_kind kind, struct ofl_action *action)
{
	static uint64_t id;
	uint64_t began_us = ofl_clock_mono_us();
	uint32_t sent = 0;

	r->answered = 0;
	while (r->answered < o->routes) {
		struct ofl_op ops[BATCH];
		size_t n = 0, taken;

		for (; n < BATCH && sent + n < o->routes &&
		       sent + n - r->answered < OFL_OPS_IN_FLIGHT;
		     n++)
			ops[n] = (struct ofl_op){
				.id = id + n,
				.kind = kind,
				.entry = kind == OFL_OP_DEL ? OFL_ENTRY_NONE
							    : OFL_ENTRY_REAL,
				.slots = kind == OFL_OP_DEL ? 0 : 1,
				.identity = action->id,
				.key.p = route(sent + n),
				.action = action,
			};
		taken = n ? ofl_prov_tc.submit(r->p, ops, n,
					       ofl_clock_mono_us())
			  : 0;
		sent += taken;
		id += taken;
		if (!taken)
			turn(r);
	}
	return since(began_us);
}

static void run_provider(const struct options *o, struct ofl_action *action)
{
	struct run r = {0};
	const char *error = NULL;
	double add, replace, del;

	r.p = ofl_prov_tc.new(&o->conf, &events, &r, &error);
	if (!r.p)
		fail("%s", error);
	while (!r.ready)
		turn(&r);
	add = run_ops(&r, o, OFL_OP_ADD, action);
	replace = run_ops(&r, o, OFL_OP_REPLACE, action);
	del = run_ops(&r, o, OFL_OP_DEL, action);
	ofl_prov_tc.free(r.p, 1000);
	printf("\"provider\": {\"add_per_s\": %.0f, \"replace_per_s\": %.0f, "
	       "\"delete_per_s\": %.0f, \"refused\": %u, \"lost\": %u, "
	       "\"text\": \"%s\"}",
	       o->routes / add, o->routes / replace, o->routes / del, r.refused,
	       r.lost, r.text);
}

/* --- the raw sender --- */

struct raw {
	struct mnl_socket *nl;
	bool echo; /* have the kernel say what it made of each, and read it */
};

/* Read until the ACK of the batch; anything that failed ends it all. */
static void await_ack(const struct raw *raw)
{
	static _Alignas(struct nlmsghdr) uint8_t buf[65536];
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)buf;
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	ssize_t n;

	do {
		n = mnl_socket_recvfrom(raw->nl, buf, sizeof(buf));
	} while (n > 0 && raw->echo && nlh->nlmsg_type != NLMSG_ERROR);
	if (n < 0 || nlh->nlmsg_type != NLMSG_ERROR || err->error)
		fail("raw sender: %s", strerror(n < 0 ? errno : -err->error));
}

static double raw_pass(const struct raw *raw, const struct options *o,
		       uint16_t type, struct ofl_tc_filter *f)
{
	static _Alignas(struct nlmsghdr)
		uint8_t buf[BATCH * OFL_TC_FILTER_BYTES];
	uint64_t began_us = ofl_clock_mono_us();
	struct nlmsghdr *nlh;

	for (uint32_t i = 0; i < o->routes;) {
		size_t len = 0;

		for (int k = 0; k < BATCH && i < o->routes; k++, i++) {
			bool last = k == BATCH - 1 || i == o->routes - 1;
			uint16_t how = last ? NLM_F_ACK : 0;

			if (type == RTM_NEWTFILTER)
				how |= NLM_F_CREATE | NLM_F_EXCL;
			if (type == RTM_NEWTFILTER && raw->echo)
				how |= NLM_F_ECHO;
			f->handle = i + 1;
			f->dst = route(i);
			nlh = ofl_tc_filter_encode(buf + len,
						   OFL_TC_FILTER_BYTES, type,
						   how, o->conf.tc.block, f);
			len += MNL_ALIGN(nlh->nlmsg_len);
		}
		if (mnl_socket_sendto(raw->nl, buf, len) < 0)
			fail("raw sender: %s", strerror(errno));
		await_ack(raw);
	}
	return since(began_us);
}

static void run_raw(const struct options *o, const char *name, bool echo)
{
	struct raw raw = {.nl = mnl_socket_open(NETLINK_ROUTE), .echo = echo};
	struct ofl_tc_filter f = {
		.chain = RAW_CHAIN,
		.pref = 10,
		.protocol = ETH_P_IP,
		.flags = o->conf.tc.mode == OFL_TC_MODE_SOFTWARE
				 ? TCA_CLS_FLAGS_SKIP_HW
				 : TCA_CLS_FLAGS_SKIP_SW,
		.does = OFL_TC_FORWARD,
		.out_ifindex = if_nametoindex(o->out),
		.new_dmac = {2, 0, 0, 0, 0, 1},
		.new_smac = {2, 0, 0, 0, 0, 2},
	};
	double add, del;

	if (!raw.nl || mnl_socket_bind(raw.nl, 0, MNL_SOCKET_AUTOPID) < 0)
		fail("netlink: %s", strerror(errno));
	ofl_nlsock_rcvbuf_set(mnl_socket_get_fd(raw.nl), RCVBUF_BYTES);
	add = raw_pass(&raw, o, RTM_NEWTFILTER, &f);
	del = raw_pass(&raw, o, RTM_DELTFILTER, &f);
	mnl_socket_close(raw.nl);
	printf("\"%s\": {\"add_per_s\": %.0f, \"delete_per_s\": %.0f}, ", name,
	       o->routes / add, o->routes / del);
}

/* --- options --- */

static void usage(FILE *to)
{
	fputs("usage: tc_bench --port DEVICE... [OPTION...]\n\n"
	      "Writes routes as tc filters and prints how many a second, "
	      "JSON.\n\n"
	      "  --port DEVICE  a port of the table; may be repeated\n"
	      "  --out DEVICE   where routes lead; default: the last port\n"
	      "  --routes N     how many; default 10000\n"
	      "  --block N      index of the shared block; default 4096\n"
	      "  --software     filters skip hardware\n"
	      "  --help         this text\n",
	      to);
}

static uint32_t number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end || !n || n > 16000000)
		fail("'%s' is no number in 1..16000000", text);
	return (uint32_t)n;
}

static void parse(int argc, char **argv, struct options *ret)
{
	static const struct option known[] = {
		{"port", required_argument, NULL, 'p'},
		{"out", required_argument, NULL, 'o'},
		{"routes", required_argument, NULL, 'r'},
		{"block", required_argument, NULL, 'b'},
		{"software", no_argument, NULL, 's'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	struct ofl_tc_conf *tc = &ret->conf.tc;
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (c) {
		case 'p':
			if (tc->port_count == OFL_TC_PORTS_MAX)
				fail("too many ports");
			strlcpy(tc->ports[tc->port_count++], optarg,
				OFL_TC_PORT_LEN);
			break;
		case 'o':
			ret->out = optarg;
			break;
		case 'r':
			ret->routes = number(optarg);
			break;
		case 'b':
			tc->block = number(optarg);
			break;
		case 's':
			tc->mode = OFL_TC_MODE_SOFTWARE;
			break;
		case 'h':
			usage(stdout);
			exit(0);
		default:
			usage(stderr);
			exit(2);
		}
	}
	if (optind < argc || !tc->port_count) {
		usage(stderr);
		exit(2);
	}
	if (!ret->out)
		ret->out = tc->ports[tc->port_count - 1];
	if (!if_nametoindex(ret->out))
		fail("there is no device %s", ret->out);
}

int main(int argc, char **argv)
{
	struct options o = {.routes = 10000};
	struct ofl_nexthop nh = {.family = AF_INET, .mac = {2, 0, 0, 0, 0, 1}};
	struct ofl_action *action;

	ofl_hwtable_conf_init(&o.conf, "bench");
	parse(argc, argv, &o);
	ofl_action_init();
	nh.ifindex = if_nametoindex(o.out);
	action = ofl_action_get(OFL_ACTION_FORWARD, &nh, 1);
	printf("{\"routes\": %u, ", o.routes);
	run_raw(&o, "raw", false);
	run_raw(&o, "raw_echo", true);
	run_provider(&o, action);
	puts("}");
	ofl_action_unref(action);
	ofl_action_fini();
	return 0;
}
