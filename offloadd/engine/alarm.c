// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One subject's level and the pace of its tellings: see alarm.h.
 */
#include <zebra.h>

#include "offloadd/engine/alarm.h"

void ofl_pace_init(struct ofl_pace *p, uint32_t burst, uint64_t every_us)
{
	*p = (struct ofl_pace){.every_us = every_us, .burst = burst};
}

uint64_t ofl_pace_due_us(const struct ofl_pace *p)
{
	uint64_t ahead_us = (uint64_t)(p->burst - 1) * p->every_us;

	return p->full_us > ahead_us ? p->full_us - ahead_us : 0;
}

bool ofl_pace_take(struct ofl_pace *p, uint64_t now_us)
{
	if (ofl_pace_due_us(p) > now_us)
		return false;
	p->full_us = MAX(p->full_us, now_us) + p->every_us;
	return true;
}

void ofl_alarm_init(struct ofl_alarm *a, uint32_t burst, uint64_t every_us)
{
	*a = (struct ofl_alarm){.level = 0};
	ofl_pace_init(&a->pace, burst, every_us);
}

void ofl_alarm_set(struct ofl_alarm *a, uint8_t level, uint64_t passed,
		   uint64_t now_us)
{
	a->unsaid += passed;
	if (level == a->level)
		return;
	a->unsaid++;
	a->level = level;
	a->since_us = now_us;
}

bool ofl_alarm_is_pending(const struct ofl_alarm *a)
{
	return a->level != a->told;
}

uint64_t ofl_alarm_due_us(const struct ofl_alarm *a)
{
	return ofl_alarm_is_pending(a) ? ofl_pace_due_us(&a->pace) : UINT64_MAX;
}

bool ofl_alarm_tell(struct ofl_alarm *a, uint64_t now_us,
		    uint64_t *ret_suppressed)
{
	if (!ofl_alarm_is_pending(a) || !ofl_pace_take(&a->pace, now_us))
		return false;
	a->told = a->level;
	a->tellings++;
	*ret_suppressed = a->unsaid - 1;
	a->suppressed += a->unsaid - 1;
	a->unsaid = 0;
	return true;
}
