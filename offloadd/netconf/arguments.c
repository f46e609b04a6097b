// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What follows -M netconf: on the command line.
 *
 * It refuses what it does not know and what is out of range, each with a
 * sentence: a daemon does not start with less than it was asked for.
 */
#include <zebra.h>

#include <sys/un.h>

#include "libfrr.h"

#include "offloadd/base/frr_compat.h"
#include "offloadd/netconf/parts.h"
#include "offloadd/netconf/session.h"

struct number {
	const char *key;
	unsigned long least, most, otherwise;
};

enum {
	SESSIONS,
	USER_SESSIONS,
	MESSAGE,
	QUEUE,
	BACKLOG,
	HELLO,
	IDLE,
	NUMBERS,
};

static const struct number numbers[NUMBERS] = {
	[SESSIONS] = {"sessions", 1, 1024, 64},
	[USER_SESSIONS] = {"user-sessions", 1, 1024, 32},
	[MESSAGE] = {"message", 4096, 268435456, 8388608},
	[QUEUE] = {"queue", 4096, 67108864, 262144},
	[BACKLOG] = {"backlog", 4096, 67108864, 1048576},
	[HELLO] = {"hello", 1, 3600, 10},
	[IDLE] = {"idle", 0, 31536000, 0},
};

static bool number_parse(const char *key, const char *value,
			 unsigned long values[NUMBERS], char *buf, size_t len)
{
	for (int i = 0; i < NUMBERS; i++) {
		const struct number *n = &numbers[i];
		unsigned long v;
		char *end;

		if (strcmp(key, n->key))
			continue;
		errno = 0;
		v = strtoul(value, &end, 10);
		if (!isdigit((unsigned char)*value) || *end || errno ||
		    v < n->least || v > n->most) {
			snprintf(buf, len, "%s=%s: a number from %lu to %lu",
				 key, value, n->least, n->most);
			return false;
		}
		values[i] = v;
		return true;
	}
	snprintf(buf, len, "there is no argument %s", key);
	return false;
}

static bool string_set(char *to, size_t size, const char *key,
		       const char *value, char *buf, size_t len)
{
	if (!*value || strlcpy(to, value, size) >= size) {
		snprintf(buf, len,
			 "%s=%s: empty, or longer than %zu characters", key,
			 value, size - 1);
		return false;
	}
	return true;
}

static bool argument_parse(char *argument, struct ofl_nc_limits *limits,
			   unsigned long values[NUMBERS], char *buf, size_t len)
{
	char *value = strchr(argument, '=');

	if (!value) {
		snprintf(buf, len, "%s: arguments are KEY=VALUE,KEY=VALUE",
			 *argument ? argument : "nothing");
		return false;
	}
	*value++ = '\0';
	if (!strcmp(argument, "group"))
		return string_set(limits->socket_group,
				  sizeof(limits->socket_group), argument, value,
				  buf, len);
	if (strcmp(argument, "socket"))
		return number_parse(argument, value, values, buf, len);
	if (*value != '/') {
		snprintf(buf, len, "socket=%s: an absolute path", value);
		return false;
	}
	return string_set(limits->socket, sizeof(limits->socket), argument,
			  value, buf, len);
}

static bool socket_default(struct ofl_nc_limits *limits, char *buf, size_t len)
{
	/* The directory knows of -N already. */
	int n = snprintf(limits->socket, sizeof(limits->socket),
			 "%s/offloadd-netconf.sock", ofl_frr_run_dir);

	if (n < 0 || (size_t)n >= sizeof(limits->socket)) {
		snprintf(buf, len, "%s/offloadd-netconf.sock: too long a path",
			 ofl_frr_run_dir);
		return false;
	}
	return true;
}

static void limits_make(const unsigned long values[NUMBERS],
			struct ofl_nc_limits *limits)
{
	limits->sessions = values[SESSIONS];
	limits->sessions_per_user = values[USER_SESSIONS];
	limits->message_bytes = values[MESSAGE];
	limits->queue_bytes = values[QUEUE];
	limits->backlog_bytes = values[BACKLOG];
	limits->hello_s = values[HELLO];
	limits->idle_s = values[IDLE];
}

bool ofl_nc_arguments_parse(const char *arguments,
			    struct ofl_nc_limits *ret_limits, char *buf,
			    size_t len)
{
	struct ofl_nc_limits limits = {};
	unsigned long values[NUMBERS];
	char *copy = arguments ? strdup(arguments) : NULL;
	char *rest = copy, *argument;
	bool ok = !arguments || copy;

	for (int i = 0; i < NUMBERS; i++)
		values[i] = numbers[i].otherwise;
	while (ok && (argument = strsep(&rest, ",")))
		ok = argument_parse(argument, &limits, values, buf, len);
	free(copy);
	if (ok && !limits.socket[0])
		ok = socket_default(&limits, buf, len);
	if (!ok)
		return false;
	limits_make(values, &limits);
	*ret_limits = limits;
	return true;
}
