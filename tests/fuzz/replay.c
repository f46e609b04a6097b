// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A main for a target without libFuzzer: gives it every file it is told of,
 * and then those files with random damage.
 *
 *   replay_TARGET [--rounds N] [--seed N] [--save FILE] FILE-OR-DIRECTORY...
 *
 * The same arguments do the same each time: files are taken in the order of
 * their names, and what is random comes from the seed.  The target ends the
 * program when it finds something; what it was given is then in FILE, to be
 * given again alone.
 *
 * Not a fuzzer: it does not see what the target reaches (tests/fuzz/run.sh).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

#define INPUT_MAX 65536
#define HANG_S 60 /* for one input; a loaded machine is no hang */

struct input {
	uint8_t *bytes;
	size_t size;
};

static struct input *inputs;
static size_t input_count;

/* What the target has now. */
static uint8_t current[INPUT_MAX];
static size_t current_size;
static const char *save_path;

/* --- when it finds something --- */

static void save(void)
{
	int fd;

	if (!save_path)
		return;
	fd = open(save_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return;
	if (write(fd, current, current_size) == (ssize_t)current_size)
		fprintf(stderr, "replay: the input is in %s\n", save_path);
	close(fd);
}

static void on_signal(int sig)
{
	if (sig == SIGALRM)
		fprintf(stderr, "replay: no end after %d s\n", HANG_S);
	save();
	signal(sig, SIG_DFL);
	raise(sig);
}

/* The sanitizers' own, where there are some. */
void __sanitizer_set_death_callback(void (*cb)(void)) __attribute__((weak));

static void catch (void)
{
	static const int signals[] = {SIGABRT, SIGALRM, SIGFPE};

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], on_signal);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(save);
}

static void give(void)
{
	alarm(HANG_S);
	LLVMFuzzerTestOneInput(current, current_size);
}

/* --- files --- */

static void die(const char *what)
{
	fprintf(stderr, "replay: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void file_add(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t *bytes = malloc(INPUT_MAX);
	ssize_t n;

	inputs = realloc(inputs, (input_count + 1) * sizeof(*inputs));
	if (fd < 0 || !bytes || !inputs)
		die(path);
	n = read(fd, bytes, INPUT_MAX);
	if (n < 0)
		die(path);
	close(fd);
	inputs[input_count++] = (struct input){bytes, (size_t)n};
}

static int is_shown(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static void path_add(const char *path)
{
	struct dirent **names;
	struct stat st;
	char file[4096];
	int n;

	if (stat(path, &st))
		die(path);
	if (!S_ISDIR(st.st_mode)) {
		file_add(path);
		return;
	}
	n = scandir(path, &names, is_shown, alphasort);
	if (n < 0)
		die(path);
	for (int i = 0; i < n; i++) {
		snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);
		file_add(file);
		free(names[i]);
	}
	free(names);
}

/* --- damage --- */

static uint64_t state;

static uint64_t random_get(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static size_t below(size_t n)
{
	return n ? random_get() % n : 0;
}

/* Take n bytes out, or put n in, at `at`. */
static void cut(size_t at, size_t n)
{
	memmove(current + at, current + at + n, current_size - at - n);
	current_size -= n;
}

static bool open_gap(size_t at, size_t n)
{
	if (current_size + n > INPUT_MAX)
		return false;
	memmove(current + at + n, current + at, current_size - at);
	current_size += n;
	return true;
}

/* A number of 1, 2, 4 or 8 bytes becomes one that is often not thought of. */
static void number_set(size_t at)
{
	static const int64_t numbers[] = {0,   1,     -1,    4,	     16,
					  127, 128,   255,   256,    32767,
					  -2,  65535, 65536, 1 << 30};
	size_t n = (size_t)1 << below(4);
	int64_t v = numbers[below(sizeof(numbers) / sizeof(numbers[0]))];
	uint8_t bytes[8];

	if (at + n > current_size)
		return;
	memcpy(bytes, &v, sizeof(v));
	if (random_get() & 1)
		for (size_t i = 0; i < n; i++)
			current[at + i] = bytes[n - 1 - i];
	else
		memcpy(current + at, bytes, n);
}

static void piece_add(size_t at)
{
	const struct input *other = &inputs[below(input_count)];
	size_t from = below(other->size), n = below(other->size - from + 1);

	if (n > 512)
		n = 512;
	if (open_gap(at, n))
		memcpy(current + at, other->bytes + from, n);
}

static void repeat(size_t at)
{
	size_t n = below(current_size - at + 1);

	if (n > 256)
		n = 256;
	if (open_gap(at, n))
		memmove(current + at, current + at + n, n);
}

static void damage(void)
{
	size_t at = below(current_size), n;

	if (!current_size) {
		piece_add(0);
		return;
	}
	switch (random_get() % 9) {
	case 0:
		current[at] ^= (uint8_t)(1 << below(8));
		break;
	case 1:
		current[at] = (uint8_t)random_get();
		break;
	case 2:
		current[at] += (uint8_t)(below(2) ? 1 : -1);
		break;
	case 3:
	case 4:
		number_set(at);
		break;
	case 5:
		n = below(current_size - at < 16 ? current_size - at : 16);
		cut(at, n);
		break;
	case 6:
		if (open_gap(at, 1))
			current[at] = (uint8_t)random_get();
		break;
	case 7:
		piece_add(at);
		break;
	default:
		if (below(8))
			repeat(at);
		else
			current_size = at;
	}
}

/* --- all of it --- */

static void replay_all(void)
{
	for (size_t i = 0; i < input_count; i++) {
		memcpy(current, inputs[i].bytes, inputs[i].size);
		current_size = inputs[i].size;
		give();
	}
}

static void mutate(uint64_t rounds)
{
	const struct input *from;

	for (uint64_t i = 0; i < rounds; i++) {
		from = &inputs[below(input_count)];
		memcpy(current, from->bytes, from->size);
		current_size = from->size;
		for (size_t k = 1 + below(6); k; k--)
			damage();
		give();
	}
}

int main(int argc, char **argv)
{
	uint64_t rounds = 0, seed = 1;
	int i;

	for (i = 1; i + 1 < argc && !strncmp(argv[i], "--", 2); i += 2) {
		if (!strcmp(argv[i], "--rounds"))
			rounds = strtoull(argv[i + 1], NULL, 10);
		else if (!strcmp(argv[i], "--seed"))
			seed = strtoull(argv[i + 1], NULL, 10);
		else if (!strcmp(argv[i], "--save"))
			save_path = argv[i + 1];
		else
			break;
	}
	for (; i < argc; i++)
		path_add(argv[i]);
	if (!input_count) {
		fprintf(stderr,
			"usage: %s [--rounds N] [--seed N] "
			"[--save FILE] FILE-OR-DIRECTORY...\n",
			argv[0]);
		return 2;
	}
	state = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15);
	catch ();
	replay_all();
	mutate(rounds);
	alarm(0);
	for (size_t k = 0; k < input_count; k++)
		free(inputs[k].bytes);
	free(inputs);
	printf("%zu inputs, %" PRIu64 " more made of them\n", input_count,
	       rounds);
	printf("%zu passed, 0 failed\n", input_count + (rounds != 0));
	return 0;
}
