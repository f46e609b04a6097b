// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bytes of a NETCONF peer: the decoder of both framings, then what came out of
 * it as a hello and as a request, by a real libyang context.
 *
 * The first byte says the framing, the second how the bytes are cut.  However
 * they are cut, the same messages come out; a message is never longer than may
 * be; an answer is one element and has only what XML can have.
 *
 * The rest of the room is nc_fake.c of the unit tests: no callback is called.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "offloadd/netconf/context.h"
#include "offloadd/netconf/parts.h"
#include "offloadd/netconf/session_private.h"

#include "tests/fuzz/fuzz.h"
#include "tests/unit/nc_fake.h"

#define LONGEST 4096

static void on_local(struct ofl_nc_session *s, const struct lyd_node *op,
		     struct ofl_nc_reply *reply)
{
	FUZZ_CHECK(op->schema && !strcmp(op->schema->name, "local"));
}

static const struct ofl_nc_op ops[] = {
	{"nc-rpc-test", "local", on_local},
	{},
};

static void begin(void)
{
	static bool is_begun;

	if (is_begun)
		return;
	is_begun = true;
	nc_fake_setup(NULL);
	ofl_nc_ops_add(ops);
	ofl_nc_monitor_init();
}

/* libyang reads it back: well-formed, and of one element. */
static void check_answer(const struct ofl_nc_text *out)
{
	struct lyd_node *tree = NULL;
	uint32_t quiet = LY_LOSTORE;

	ly_temp_log_options(&quiet);
	FUZZ_CHECK(!lyd_parse_data_mem(ofl_nc_context(), out->data, LYD_XML,
				       LYD_PARSE_ONLY | LYD_PARSE_OPAQ, 0,
				       &tree));
	FUZZ_CHECK(tree && !tree->next && !tree->schema);
	FUZZ_CHECK(!strcmp(LYD_NAME(tree), "rpc-reply"));
	ly_temp_log_options(NULL);
	lyd_free_all(tree);
}

static void message_take(const struct ofl_nc_text *message,
			 enum ofl_nc_framing framing)
{
	struct ofl_nc_session session = {.id = 1, .framing = framing};
	struct ofl_nc_reply reply = {};
	struct ofl_nc_text out = {};
	enum ofl_nc_framing agreed;
	char why[160];

	FUZZ_CHECK(message->len <= LONGEST);
	FUZZ_CHECK(message->data[message->len] == '\0');
	ofl_nc_hello_parse(message->data, message->len, &agreed, why,
			   sizeof(why));
	if (ofl_nc_rpc(&session, message->data, message->len, &out, &reply))
		check_answer(&out);
	ofl_nc_text_fini(&out);
	ofl_nc_reply_fini(&reply);
}

/* All messages, one after the other, cut every so many bytes; how it ended. */
static enum ofl_nc_frame_result
decode(const char *data, size_t len, size_t piece, enum ofl_nc_framing framing,
       struct ofl_nc_text *ret_all, bool must_take)
{
	enum ofl_nc_frame_result result = OFL_NC_FRAME_MORE;
	struct ofl_nc_frame f;
	size_t at = 0, used, n;

	ofl_nc_frame_init(&f, LONGEST);
	f.framing = framing;
	while (at < len) {
		n = len - at < piece ? len - at : piece;
		result = ofl_nc_frame_decode(&f, data + at, n, &used);
		FUZZ_CHECK(used <= n);
		at += used;
		if (result == OFL_NC_FRAME_BAD || result == OFL_NC_FRAME_LONG)
			break;
		if (result == OFL_NC_FRAME_MORE) {
			FUZZ_CHECK(used == n);
			continue;
		}
		ofl_nc_text_add(ret_all, f.message.data, f.message.len + 1);
		if (must_take)
			message_take(&f.message, framing);
	}
	ofl_nc_frame_fini(&f);
	return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz in = {data, size};
	enum ofl_nc_framing framing = fuzz_u8(&in) & 1;
	size_t piece = 1 + fuzz_u8(&in), len;
	struct ofl_nc_text whole = {}, cut = {};
	enum ofl_nc_frame_result a, b;
	char *bytes;

	begin();
	bytes = fuzz_copy(&in, in.left, &len);
	a = decode(bytes, len, len, framing, &whole, true);
	b = decode(bytes, len, piece, framing, &cut, false);
	FUZZ_CHECK(a == b);
	FUZZ_CHECK(whole.len == cut.len);
	FUZZ_CHECK(!whole.len || !memcmp(whole.data, cut.data, whole.len));
	ofl_nc_text_fini(&whole);
	ofl_nc_text_fini(&cut);
	free(bytes);
	return 0;
}
