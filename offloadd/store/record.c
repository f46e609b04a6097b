// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Chunks of packed records; see record.h.
 *
 * One mapping for some two thousand records: putting one costs a copy and no
 * more, which matters on the main thread; and the memory of a burst goes back
 * to the system, which malloc, with flows allocated in between, could not do.
 */
#include "offloadd/store/record.h"

#include <string.h>
#include <sys/mman.h>

#define CHUNK_BYTES (256 * 1024 - 32)

struct ofl_record_chunk {
	struct ofl_record_chunk *next;
	uint32_t count; /* records from `start` on */
	uint32_t start; /* offset of the oldest */
	uint32_t used;	/* bytes */
	_Alignas(8) char data[CHUNK_BYTES];
};

_Static_assert(sizeof(struct ofl_record) % 8 == 0, "records are packed");
_Static_assert(sizeof(struct ofl_record) + OFL_RECORD_STRINGS *
						   (OFL_RECORD_STRING_MAX + 1) <
		       CHUNK_BYTES,
	       "the longest record fits");

static struct ofl_record_chunk *chunk_add(struct ofl_records *list)
{
	struct ofl_record_chunk *c;

	c = mmap(NULL, sizeof(*c), PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (c == MAP_FAILED)
		return NULL;
	if (list->tail)
		list->tail->next = c;
	else
		list->head = c;
	list->tail = c;
	return c;
}

bool ofl_records_add(struct ofl_records *list, const struct ofl_record *r,
		     const char *const strings[OFL_RECORD_STRINGS])
{
	size_t len[OFL_RECORD_STRINGS], size = sizeof(*r);
	struct ofl_record_chunk *c = list->tail;
	struct ofl_record *copy;
	char *end;

	for (int i = 0; i < OFL_RECORD_STRINGS; i++) {
		len[i] = 0;
		if (!strings[i])
			continue;
		len[i] = strnlen(strings[i], OFL_RECORD_STRING_MAX);
		size += len[i] + 1;
	}
	size = (size + 7) & ~(size_t)7;
	if (!c || c->used + size > CHUNK_BYTES)
		c = chunk_add(list);
	if (!c)
		return false;
	copy = (struct ofl_record *)(c->data + c->used);
	*copy = *r;
	copy->size = size;
	end = (char *)(copy + 1);
	for (int i = 0; i < OFL_RECORD_STRINGS; i++) {
		copy->string[i] = strings[i] ? end - (char *)copy : 0;
		if (!strings[i])
			continue;
		memcpy(end, strings[i], len[i]);
		end[len[i]] = '\0';
		end += len[i] + 1;
	}
	c->used += size;
	c->count++;
	list->count++;
	return true;
}

struct ofl_record *ofl_records_first(const struct ofl_records *list)
{
	if (!list->head)
		return NULL;
	return (struct ofl_record *)(list->head->data + list->head->start);
}

void ofl_records_pop(struct ofl_records *list)
{
	struct ofl_record_chunk *c = list->head;

	c->start += ofl_records_first(list)->size;
	list->count--;
	if (--c->count)
		return;
	list->head = c->next;
	if (!list->head)
		list->tail = NULL;
	munmap(c, sizeof(*c));
}

void ofl_records_take(struct ofl_records *list, uint32_t max,
		      struct ofl_records *ret_list)
{
	struct ofl_record_chunk *c = list->head;
	uint32_t count;

	if (!c)
		return;
	count = c->count;
	while (c->next && count + c->next->count <= max) {
		c = c->next;
		count += c->count;
	}
	ret_list->head = list->head;
	ret_list->tail = c;
	ret_list->count = count;
	list->head = c->next;
	if (!list->head)
		list->tail = NULL;
	list->count -= count;
	c->next = NULL;
}

void ofl_records_untake(struct ofl_records *list, struct ofl_records *taken)
{
	if (!taken->head)
		return;
	taken->tail->next = list->head;
	list->head = taken->head;
	if (!list->tail)
		list->tail = taken->tail;
	list->count += taken->count;
	memset(taken, 0, sizeof(*taken));
}

void ofl_records_free(struct ofl_records *list)
{
	struct ofl_record_chunk *next;

	for (struct ofl_record_chunk *c = list->head; c; c = next) {
		next = c->next;
		munmap(c, sizeof(*c));
	}
	memset(list, 0, sizeof(*list));
}

struct ofl_record *ofl_records_next(const struct ofl_records *list,
				    struct ofl_record_at *at)
{
	struct ofl_record *r;

	if (!at->started) {
		at->started = true;
		at->chunk = list->head;
		at->offset = at->chunk ? at->chunk->start : 0;
	}
	if (at->chunk && at->offset >= at->chunk->used) {
		at->chunk = at->chunk->next;
		at->offset = at->chunk ? at->chunk->start : 0;
	}
	if (!at->chunk)
		return NULL;
	r = (struct ofl_record *)(at->chunk->data + at->offset);
	at->offset += r->size;
	return r;
}
