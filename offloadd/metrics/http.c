// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One HTTP server in the event loop: see http.h.
 *
 * The library has its sockets in an epoll descriptor of its own, which is
 * readable when there is work; it tells when it wants to be called besides.
 * It knows of silent peers, but not of those that say a byte now and then:
 * these are hung up on here.
 */
#include <zebra.h>

#include <microhttpd.h>

#include "lib/clock.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/metrics/http.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_METRIC_SERVER, "offload metrics server");

#define PATH "/metrics"
#define SWEEP_MS 1000

struct client {
	bool is_used, is_served;
	int fd;
	uint64_t since_us; /* monotonic */
};

struct ofl_metric_server {
	struct ofl_loop *loop;
	const struct ofl_metric_server_events *events;
	struct MHD_Daemon *daemon;
	int epoll_fd;
	struct ofl_ev *t_read, *t_due, *t_sweep;
	struct client clients[OFL_METRIC_CLIENTS];
	uint32_t client_count;
};

/* --- answers --- */

static enum MHD_Result respond(struct MHD_Connection *connection,
			       unsigned int status, const char *type,
			       struct MHD_Response *response)
{
	enum MHD_Result result = MHD_NO;

	if (!response)
		return MHD_NO;
	/* One scrape a connection: nobody keeps a place for the next. */
	if (MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
				    type) == MHD_YES &&
	    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL,
				    "no-store") == MHD_YES &&
	    MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION,
				    "close") == MHD_YES &&
	    (status != MHD_HTTP_METHOD_NOT_ALLOWED ||
	     MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW,
				     "GET, HEAD") == MHD_YES))
		result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection,
			      unsigned int status, const char *words)
{
	return respond(connection, status, "text/plain; charset=utf-8",
		       MHD_create_response_from_buffer(strlen(words),
						       (void *)words,
						       MHD_RESPMEM_PERSISTENT));
}

static void text_free(void *text)
{
	ofl_metric_text_free(text);
}

static enum MHD_Result serve(struct ofl_metric_server *s,
			     struct MHD_Connection *connection,
			     struct client *client)
{
	enum ofl_metric_format format =
		ofl_metric_format_make(MHD_lookup_connection_value(
			connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT));
	struct MHD_Response *response;
	size_t len;
	char *text = s->events->make(format, &len);

	response = MHD_create_response_from_buffer_with_free_callback(
		len, text, text_free);
	if (!response) {
		ofl_metric_text_free(text);
		return MHD_NO;
	}
	if (client)
		client->is_served = true;
	return respond(connection, MHD_HTTP_OK, ofl_metric_format_name(format),
		       response);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection,
				  const char *url, const char *method,
				  const char *version, const char *upload,
				  size_t *upload_len, void **request)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
			      "Metrics can be read with GET only.\n");
	if (strcmp(url, PATH) != 0)
		return refuse(connection, MHD_HTTP_NOT_FOUND,
			      "The metrics of offloadd are at " PATH ".\n");
	return serve(cls, connection, info ? info->socket_context : NULL);
}

/* --- connections --- */

static struct client *client_add(struct ofl_metric_server *s, int fd)
{
	for (size_t i = 0; i < array_size(s->clients); i++) {
		struct client *c = &s->clients[i];

		if (c->is_used)
			continue;
		*c = (struct client){
			.is_used = true,
			.fd = fd,
			.since_us = ofl_clock_mono_us(),
		};
		s->client_count++;
		return c;
	}
	return NULL; /* the library knows the limit */
}

static void on_connection(void *cls, struct MHD_Connection *connection,
			  void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct ofl_metric_server *s = cls;
	struct client *c = *context;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*context = info ? client_add(s, info->connect_fd) : NULL;
	} else if (c) {
		s->events->ended(c->is_served);
		memset(c, 0, sizeof(*c));
		s->client_count--;
		*context = NULL;
	}
}

/* --- the event loop --- */

static void run(struct ofl_metric_server *s);

static void on_readable(struct ofl_ev *ev)
{
	run(OFL_EV_ARG(ev));
}

static void on_due(struct ofl_ev *ev)
{
	run(OFL_EV_ARG(ev));
}

/* The library sees a peer that has hung up, and closes. */
static void on_sweep(struct ofl_ev *ev)
{
	struct ofl_metric_server *s = OFL_EV_ARG(ev);
	uint64_t now_us = ofl_clock_mono_us();

	for (size_t i = 0; i < array_size(s->clients); i++) {
		struct client *c = &s->clients[i];

		if (c->is_used &&
		    now_us - c->since_us >= OFL_METRIC_LIFE_MS * 1000)
			(void)shutdown(c->fd, SHUT_RDWR);
	}
	run(s);
}

/* What can be done at once; then, when to be called again. */
static void run(struct ofl_metric_server *s)
{
	MHD_UNSIGNED_LONG_LONG due_ms;

	MHD_run(s->daemon);
	ofl_ev_off(s->t_due);
	ofl_ev_read(s->loop, on_readable, s, s->epoll_fd, &s->t_read);
	if (MHD_get_timeout(s->daemon, &due_ms) == MHD_YES)
		ofl_ev_timer_ms(s->loop, on_due, s,
				MIN(due_ms, (MHD_UNSIGNED_LONG_LONG)60000),
				&s->t_due);
	if (s->client_count)
		ofl_ev_timer_ms(s->loop, on_sweep, s, SWEEP_MS, &s->t_sweep);
}

/* --- life --- */

struct ofl_metric_server *
ofl_metric_server_new(struct ofl_loop *loop, int listen_fd,
		      const struct ofl_metric_server_events *events)
{
	struct ofl_metric_server *s =
		XCALLOC(MTYPE_OFL_METRIC_SERVER, sizeof(*s));
	const union MHD_DaemonInfo *info = NULL;

	s->loop = loop;
	s->events = events;
	s->daemon = MHD_start_daemon(
		MHD_USE_EPOLL, 0, NULL, NULL, on_request, s,
		MHD_OPTION_LISTEN_SOCKET, listen_fd,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned int)OFL_METRIC_CLIENTS,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)OFL_METRIC_IDLE_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)OFL_METRIC_REQUEST_BYTES, MHD_OPTION_STRICT_FOR_CLIENT,
		1, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
		MHD_OPTION_END);
	if (s->daemon)
		info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (!info) {
		ofl_metric_server_free(s);
		return NULL;
	}
	s->epoll_fd = info->epoll_fd;
	run(s);
	return s;
}

void ofl_metric_server_free(struct ofl_metric_server *s)
{
	if (!s)
		return;
	ofl_ev_off(s->t_read);
	ofl_ev_off(s->t_due);
	ofl_ev_off(s->t_sweep);
	if (s->daemon) {
		/* The listening socket is not the library's to close. */
		(void)MHD_quiesce_daemon(s->daemon);
		MHD_stop_daemon(s->daemon);
	}
	XFREE(MTYPE_OFL_METRIC_SERVER, s);
}

uint32_t ofl_metric_server_clients(const struct ofl_metric_server *s)
{
	return s->client_count;
}
