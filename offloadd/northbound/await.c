// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The start waits for a configuration that vtysh brings: see await.h.
 */
#include <zebra.h>

#include "command.h"
#include "hook.h"
#include "libfrr.h"
#include "log.h"

#include "offloadd/base/frr_compat.h"
#include "offloadd/engine/engine.h"
#include "offloadd/northbound/await.h"

#define NOBODY_MS 30000	 /* nobody brings one */
#define READING_MS 60000 /* who began to does not end */

static struct {
	struct ofl_loop *loop;
	struct ofl_ev *start_ev;
	void (*start)(void); /* NULL after it was called */
	bool is_file_read, is_configured, is_reading;
} await;

static void on_start(struct ofl_ev *ev)
{
	void (*start)(void) = await.start;

	await.start = NULL;
	start();
}

static void on_late(struct ofl_ev *ev)
{
	zlog_warn("offload: nobody brought a configuration in time: the work "
		  "begins without");
	on_start(ev);
}

/* Not inside of a transaction. */
static void start_soon(void)
{
	ofl_ev_off(await.start_ev);
	ofl_ev_soon(await.loop, on_start, NULL, &await.start_ev);
}

static int on_file_read(struct ofl_loop *loop)
{
	if (!await.start)
		return 0;
	await.is_file_read = true;
	if (await.is_configured ||
	    access(ofl_engine_conf()->store.path, F_OK) != 0) {
		on_start(NULL);
		return 0;
	}
	zlog_info("offload: waiting for a configuration, as there is a "
		  "database of before");
	ofl_ev_timer_ms(await.loop, on_late, NULL, NOBODY_MS, &await.start_ev);
	return 0;
}

OFL_ON_VTYSH_CONFIG(on_begin)
{
	if (!await.start || !await.is_file_read)
		return;
	await.is_reading = true;
	ofl_ev_off(await.start_ev);
	ofl_ev_timer_ms(await.loop, on_late, NULL, READING_MS, &await.start_ev);
}

OFL_ON_VTYSH_CONFIG(on_end)
{
	if (await.start && await.is_reading)
		start_soon();
	await.is_reading = false;
}

void ofl_await_configured(void)
{
	await.is_configured = true;
	if (await.start && await.is_file_read && !await.is_reading)
		start_soon();
}

void ofl_await_init(struct ofl_loop *loop, void (*start)(void))
{
	await.loop = loop;
	await.start = start;
	hook_register(frr_config_post, on_file_read);
	cmd_init_config_callbacks(on_begin, on_end);
}

void ofl_await_fini(void)
{
	await.start = NULL;
	ofl_ev_off(await.start_ev);
}
