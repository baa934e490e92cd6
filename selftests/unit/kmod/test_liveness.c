// SPDX-License-Identifier: GPL-2.0
/*
 * Liveness: messages against the published vectors, one end against a naive twin
 * under messages that are replayed and forged, two ends on a link that loses,
 * delays, repeats, breaks one way or both, on hosts that stand still.
 */
#include <ctype.h>

#include "liveness_fsm.h"
#include "check.h"

#define MS 1000000ULL
#define US 1000ULL

static siphash_key_t key_of(const u8 *bytes)
{
	siphash_key_t key;

	memcpy(&key, bytes, sizeof(key));
	key.key[0] = le64_to_cpu(key.key[0]);
	key.key[1] = le64_to_cpu(key.key[1]);
	return key;
}

/* As its authors give it. */
static void siphash_is_siphash(void **state)
{
	siphash_key_t key;
	u8 bytes[16];
	int i;

	for (i = 0; i < 16; i++)
		bytes[i] = i;
	key = key_of(bytes);
	assert_true(siphash(bytes, 15, &key) == 0xa129ca6149be45e5ULL);
	assert_true(siphash(bytes, 0, &key) == 0x726fdb47dd0e0e31ULL);
	assert_true(siphash(bytes, 8, &key) == 0x93f5f5799a932462ULL);
}

static size_t unhex(const char *text, u8 *to, size_t max)
{
	size_t n = 0;
	unsigned int byte;

	while (n < max && sscanf(text + 2 * n, "%2x", &byte) == 1)
		to[n++] = byte;
	return n;
}

static void check_fields(const struct damc_live_msg *msg, const char *fields)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "state=%u flags=%u multiplier=%u interval=%u want=%u session=%llx counter=%llu sent=%llx echo=%llx held=%llu",
		 msg->state, msg->flags, msg->multiplier, msg->interval,
		 msg->want, (unsigned long long)msg->session,
		 (unsigned long long)msg->counter,
		 (unsigned long long)msg->sent, (unsigned long long)msg->echo,
		 (unsigned long long)msg->held);
	assert_string_equal(text, fields);
}

static void check_vector(char *line)
{
	char *kind = strtok(line, "\t"), *keys = strtok(NULL, "\t");
	char *bytes = strtok(NULL, "\t"), *fields = strtok(NULL, "\t");
	struct damc_liveness_hdr hdr, again;
	struct damc_live_msg msg;
	siphash_key_t key;
	u8 raw[16];

	assert_int_equal(unhex(keys, raw, sizeof(raw)), sizeof(raw));
	key = key_of(raw);
	assert_int_equal(unhex(bytes, (u8 *)&hdr, sizeof(hdr)), sizeof(hdr));
	if (!strcmp(kind, "bad")) {
		assert_false(damc_live_read(&hdr, &msg, &key));
		return;
	}
	assert_string_equal(kind, "good");
	assert_true(damc_live_read(&hdr, &msg, &key));
	check_fields(&msg, fields);
	if (hdr.reserved)
		return;
	damc_live_write(&again, &msg, &key);
	assert_memory_equal(&again, &hdr, sizeof(hdr));
}

static void vectors(void **state)
{
	FILE *file = fopen(VECTORS "/liveness.txt", "r");
	unsigned int n = 0;
	char line[1024];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		if (line[0] == '#')
			continue;
		check_vector(line);
		n++;
	}
	fclose(file);
	assert_int_equal(n, 16);
}

/* ---- one end, and its twin ------------------------------------------------ */

#define SENT_MAX 4096

/* By the book: a table of states, a list of everything that was ever sent. */
struct twin {
	u8 state;
	bool known;
	u64 session, counter;
	u64 down_since;
	u32 multiplier, interval;
	unsigned int n;
	struct {
		u64 stamp, at;
	} sent[SENT_MAX];
};

static bool twin_new(const struct twin *twin, const struct damc_live_msg *msg,
		     u64 now, u64 detection)
{
	unsigned int i;
	bool up = twin->state == DAMC_LIVENESS_STATE_UP;

	if (twin->known && msg->session == twin->session)
		return msg->counter > twin->counter;
	for (i = 0; msg->echo && i < twin->n; i++)
		if (twin->sent[i].stamp == msg->echo)
			return up ? now - twin->sent[i].at <= detection :
				    twin->sent[i].at >= twin->down_since;
	return false;
}

/* State by state and message by message, RFC 5880 section 6.8.6. */
static u8 twin_next(u8 state, u8 heard)
{
	static const u8 next[4][4] = {
		[DAMC_LIVENESS_STATE_DOWN] = { 1, 2, 3, 1 },
		[DAMC_LIVENESS_STATE_INIT] = { 2, 2, 3, 3 },
		[DAMC_LIVENESS_STATE_UP] = { 1, 1, 3, 3 },
	};

	return next[state][heard];
}

static void twin_receive(struct twin *twin, u64 own,
			 const struct damc_live_msg *msg, u64 now, u64 detection)
{
	bool up = twin->state == DAMC_LIVENESS_STATE_UP;
	bool same = twin->known && twin->session == msg->session;

	if (msg->session == own)
		return;
	if (!twin_new(twin, msg, now, detection)) {
		/* Of a stranger that proves nothing: an answer at most. */
		if (!same && !up && twin->state == DAMC_LIVENESS_STATE_DOWN &&
		    msg->state == DAMC_LIVENESS_STATE_DOWN)
			twin->state = DAMC_LIVENESS_STATE_INIT;
		return;
	}
	if (!same && up) {
		twin->state = DAMC_LIVENESS_STATE_DOWN;
		twin->down_since = now;
	}
	up = twin->state == DAMC_LIVENESS_STATE_UP;
	twin->known = true;
	twin->session = msg->session;
	twin->counter = msg->counter;
	twin->state = twin_next(twin->state, msg->state);
	if (up && twin->state != DAMC_LIVENESS_STATE_UP)
		twin->down_since = now;
}

static struct damc_live_msg random_msg(const struct twin *twin, u64 own)
{
	struct damc_live_msg msg = {
		.state = check_below(4),
		.flags = check_below(4),
		.multiplier = 3,
		.interval = 10000 + check_below(3) * 10000,
		.want = 10000,
		.session = 100 + check_below(3),
		.counter = check_below(200),
		.sent = check_random(),
		.echo = check_below(3) && twin->n ?
			twin->sent[check_below(twin->n)].stamp : check_below(2),
	};

	if (!check_below(20))
		msg.session = own;
	/* Often what was sent last, as a real one would. */
	if (twin->n && check_below(2))
		msg.echo = twin->sent[twin->n - 1].stamp;
	return msg;
}

static void send_one(struct damc_live *live, struct twin *twin, u64 now)
{
	struct damc_live_msg msg;

	damc_live_send(live, &msg, now, check_random());
	assert_true(live->next_tx > now);
	if (twin->n == SENT_MAX)
		return;
	twin->sent[twin->n].stamp = msg.sent;
	twin->sent[twin->n++].at = now;
}

static void against_twin(void)
{
	static struct twin twin;
	struct damc_live_msg msg;
	struct damc_live live;
	u64 now = MS;
	int i;

	damc_live_init(&live, 77, check_random(), now);
	damc_live_configure(&live, 10000, 3);
	memset(&twin, 0, sizeof(twin));
	twin.state = DAMC_LIVENESS_STATE_DOWN;
	twin.down_since = now;
	for (i = 0; i < 400; i++) {
		unsigned int what;

		now += 1 + check_below(4 * MS);
		if (check_below(2)) {
			/* On time, so that no stall is in the way. */
			now = damc_live_due(&live) > now ? now :
							   damc_live_due(&live);
			what = damc_live_expire(&live, now);
			if (live.deadline == 0 &&
			    live.state == DAMC_LIVENESS_STATE_DOWN &&
			    twin.state != DAMC_LIVENESS_STATE_DOWN) {
				assert_true(what & DAMC_LIVE_CHANGED);
				if (twin.state == DAMC_LIVENESS_STATE_UP)
					twin.down_since = now;
				twin.state = DAMC_LIVENESS_STATE_DOWN;
			}
		} else {
			u64 detection = damc_live_detection(&live) * US;

			msg = random_msg(&twin, 77);
			twin_receive(&twin, 77, &msg, now, detection);
			what = damc_live_receive(&live, &msg, now);
		}
		assert_int_equal(live.state, twin.state);
		if (what & DAMC_LIVE_SEND || check_below(4) == 0)
			send_one(&live, &twin, now);
		if (live.state == DAMC_LIVENESS_STATE_UP)
			assert_true(live.deadline);
	}
}

static void twin_agrees(void **state)
{
	int i;

	for (i = 0; i < 2000; i++)
		against_twin();
}

/* ---- two ends and a link -------------------------------------------------- */

#define FLIGHT_MAX 256
#define TAPE_MAX 4096

struct flight {
	int to;
	u64 at;
	struct damc_live_msg msg;
};

struct world {
	struct damc_live end[2];
	bool there[2];
	u64 stalled[2];
	u64 now;
	unsigned int loss[2];
	/* So many of the next messages there do not come. */
	unsigned int drop[2];
	u64 delay, spread;
	unsigned int n;
	struct flight flight[FLIGHT_MAX];
	unsigned int n_tape;
	struct flight tape[TAPE_MAX];
	u32 interval;
	u8 multiplier;
};

static void world_begin(struct world *world, int i)
{
	damc_live_init(&world->end[i], check_random() | 1, check_random(),
		       world->now);
	damc_live_configure(&world->end[i], world->interval, world->multiplier);
	world->there[i] = true;
}

static void world_post(struct world *world, int to,
		       const struct damc_live_msg *msg)
{
	struct flight flight = { .to = to, .msg = *msg };

	if (world->n_tape < TAPE_MAX)
		world->tape[world->n_tape++] = flight;
	if (world->drop[to]) {
		world->drop[to]--;
		return;
	}
	if (check_below(100) < world->loss[to] || world->n == FLIGHT_MAX)
		return;
	flight.at = world->now + world->delay + check_below(world->spread + 1);
	world->flight[world->n++] = flight;
}

static void world_act(struct world *world, int i, unsigned int what)
{
	struct damc_live_msg msg;

	if (!(what & DAMC_LIVE_SEND))
		return;
	damc_live_send(&world->end[i], &msg, world->now, check_random());
	msg.flags = DAMC_LIVENESS_F_FORWARDS;
	world_post(world, !i, &msg);
}

/* When something happens at an end next: no sooner than it runs. */
static u64 runs_at(const struct world *world, int i, u64 at)
{
	return at > world->stalled[i] ? at : world->stalled[i];
}

static void world_deliver(struct world *world, unsigned int which)
{
	struct flight flight = world->flight[which];

	world->flight[which] = world->flight[--world->n];
	if (world->there[flight.to])
		world_act(world, flight.to,
			  damc_live_receive(&world->end[flight.to], &flight.msg,
					    world->now));
}

/* The next thing to happen; packets first, as the kernel takes them. */
static u64 world_next(const struct world *world, int *end, int *which)
{
	u64 best = U64_MAX, at;
	unsigned int f;
	int i;

	*end = -1;
	*which = -1;
	for (f = 0; f < world->n; f++) {
		at = runs_at(world, world->flight[f].to, world->flight[f].at);
		if (at < best) {
			best = at;
			*which = f;
		}
	}
	for (i = 0; i < 2; i++) {
		at = runs_at(world, i, damc_live_due(&world->end[i]));
		if (world->there[i] && at < best) {
			best = at;
			*end = i;
			*which = -1;
		}
	}
	return best;
}

static void world_run(struct world *world, u64 until)
{
	int end, which;
	u64 at;

	for (;;) {
		at = world_next(world, &end, &which);
		if (at > until)
			break;
		world->now = at > world->now ? at : world->now;
		if (which >= 0)
			world_deliver(world, which);
		else
			world_act(world, end,
				  damc_live_expire(&world->end[end],
						   world->now));
	}
	world->now = until;
}

static bool is_up(const struct world *world, int i)
{
	return world->end[i].state == DAMC_LIVENESS_STATE_UP;
}

static void world_init(struct world *world, u32 interval)
{
	memset(world, 0, sizeof(*world));
	world->now = check_random() >> 8;
	world->interval = interval;
	world->multiplier = 3;
	world->delay = 50 * US;
	world->spread = interval * US / 8;
	world_begin(world, 0);
	world_run(world, world->now + check_below(500 * MS));
	world_begin(world, 1);
}

/* Time for the slow beginning, twice over. */
#define SETTLE (4 * DAMC_LIVENESS_SLOW_US * US)

static u32 any_interval(void)
{
	static const u32 intervals[] = { 1000, 3000, 10000, 100000, 1000000 };

	return intervals[check_below(5)];
}

static void good_link(void **state)
{
	static struct world world;
	int i;

	for (i = 0; i < 200; i++) {
		u32 interval = any_interval();

		world_init(&world, interval);
		world_run(&world, world.now + SETTLE + 4 * interval * US);
		assert_true(is_up(&world, 0) && is_up(&world, 1));
		world_run(&world, world.now + 200 * interval * US);
		assert_true(is_up(&world, 0) && is_up(&world, 1));
		assert_int_equal(world.end[0].stats.downs, 0);
		assert_int_equal(world.end[1].stats.downs, 0);
		assert_int_equal(world.end[0].stats.stalls, 0);
		assert_in_range(world.end[0].stats.delay, world.delay,
				world.delay + world.spread);
	}
}

/* Both know in time, whichever direction it is; and come back. */
static void broken_link(void **state)
{
	static struct world world;
	int i;

	for (i = 0; i < 200; i++) {
		u32 interval = any_interval();
		int one = check_below(2), both = check_below(2);

		world_init(&world, interval);
		world_run(&world, world.now + SETTLE + 10 * interval * US);
		world.loss[one] = 100;
		world.loss[!one] = both ? 100 : 0;
		world_run(&world, world.now + world.delay + world.spread +
				  (both ? 1 : 2) * 3 * interval * US + MS);
		assert_false(damc_live_usable(&world.end[0]));
		assert_false(damc_live_usable(&world.end[1]));
		assert_int_equal(world.end[one].reason,
				 DAMC_LIVENESS_REASON_SILENT);
		world.loss[0] = 0;
		world.loss[1] = 0;
		world_run(&world, world.now + 2 * SETTLE + 10 * interval * US);
		assert_true(is_up(&world, 0) && is_up(&world, 1));
		assert_int_equal(world.end[0].stats.downs, 1);
	}
}

/* An end that stands still accuses nobody, and asks for more time. */
static void standstill(void **state)
{
	static struct world world;
	int i, j;

	for (i = 0; i < 200; i++) {
		u32 interval = any_interval();
		struct damc_live *end = &world.end[0];

		world_init(&world, interval);
		world_run(&world, world.now + SETTLE + 10 * interval * US);
		for (j = 0; j < 20; j++) {
			u32 own = end->interval << end->stretch;

			/* The other is not looked at: it may rightly complain. */
			world.end[1].deadline = 0;
			world.stalled[0] = world.now +
					   own * US * (2 + check_below(9)) +
					   check_below(own * US);
			world_run(&world, world.stalled[0] + own * US / 2);
			assert_int_not_equal(end->reason,
					     DAMC_LIVENESS_REASON_SILENT);
			world_run(&world, world.now + 6 * own * US);
			assert_int_not_equal(end->reason,
					     DAMC_LIVENESS_REASON_SILENT);
		}
		assert_true(end->stats.stalls);
		if (interval <= DAMC_LIVENESS_STALL_MAX_US / 2)
			assert_true(end->stretch > 0);
		assert_true((u64)end->interval << end->stretch <=
			    DAMC_LIVENESS_MAX_US);
	}
}

/* It asks for what was configured again, once it has kept up long enough. */
static void calm_again(void **state)
{
	static struct world world;

	world_init(&world, 1000);
	world_run(&world, world.now + SETTLE);
	world.stalled[0] = world.now + 20 * MS;
	world_run(&world, world.now + SETTLE);
	assert_int_equal(world.end[0].stretch, 1);
	world_run(&world, world.now + 3 * DAMC_LIVENESS_CALM * MS);
	assert_int_equal(world.end[0].stretch, 0);
	assert_int_equal(world.end[0].pace, 1000);
	assert_int_equal(world.end[1].pace, 1000);
	assert_int_equal(world.end[0].remote.interval, 1000);
}

/*
 * Who asks for less gets less, and is not taken for dead meanwhile, although what
 * says so is lost as often as may be.
 */
static void slower(void **state)
{
	static struct world world;
	int i;

	for (i = 0; i < 200; i++) {
		world_init(&world, 2000);
		world_run(&world, world.now + SETTLE);
		damc_live_configure(&world.end[i % 2], 50000, 3);
		world.drop[!(i % 2)] = 2;
		world_run(&world, world.now + 1000 * MS);
		assert_int_equal(world.end[0].pace, 50000);
		assert_int_equal(world.end[1].pace, 50000);
		damc_live_configure(&world.end[i % 2], 2000, 3);
		world_run(&world, world.now + 1000 * MS);
		assert_int_equal(world.end[0].pace, 2000);
		assert_int_equal(world.end[0].stats.downs, 0);
		assert_int_equal(world.end[1].stats.downs, 0);
	}
}

/* A neighbour that begins anew is known again; before the silence is over. */
static void restart(void **state)
{
	static struct world world;
	int i;

	for (i = 0; i < 100; i++) {
		u64 session;

		world_init(&world, 10000);
		world_run(&world, world.now + SETTLE);
		session = world.end[1].session;
		world_begin(&world, 1);
		world_run(&world, world.now + SETTLE);
		assert_int_not_equal(session, world.end[1].session);
		assert_true(is_up(&world, 0) && is_up(&world, 1));
		assert_true(world.end[0].remote.session ==
			    world.end[1].session);
		assert_int_equal(world.end[0].stats.downs, 1);
	}
}

static void goodbye(void **state)
{
	static struct world world;

	world_init(&world, 10000);
	world_run(&world, world.now + SETTLE);
	damc_live_stop(&world.end[1]);
	world_act(&world, 1, DAMC_LIVE_SEND);
	world.there[1] = false;
	world_run(&world, world.now + 5 * MS);
	assert_int_equal(world.end[0].reason, DAMC_LIVENESS_REASON_DRAINED);
	assert_false(damc_live_usable(&world.end[0]));
}

/*
 * Somebody has every message of a neighbour that was there, twice, and is not:
 * with all of them, over and over, in any order, it does not come up again.
 */
static void recording(void **state)
{
	static struct world world;
	int i, j;

	for (i = 0; i < 100; i++) {
		world_init(&world, 10000);
		world_run(&world, world.now + SETTLE);
		world_begin(&world, 1);
		world_run(&world, world.now + SETTLE);
		world.there[1] = false;
		/* What is on the way, and within the time of a silence, is news. */
		world_run(&world, world.now + SETTLE);
		assert_false(is_up(&world, 0));
		for (j = 0; j < 2000; j++) {
			struct flight *old = &world.tape[check_below(world.n_tape)];

			world_act(&world, 0,
				  damc_live_receive(&world.end[0], &old->msg,
						    world.now));
			assert_false(is_up(&world, 0));
			world_run(&world, world.now + check_below(20 * MS));
			assert_false(is_up(&world, 0));
		}
	}
}

/* Loss of a fifth, everything twice: up most of the time, and no nonsense. */
static void bad_link(void **state)
{
	static struct world world;
	unsigned int up = 0, n = 0;
	int i, j;

	for (i = 0; i < 20; i++) {
		world_init(&world, 10000);
		world.loss[0] = 20;
		world.loss[1] = 20;
		world.end[0].multiplier = 8;
		world.end[1].multiplier = 8;
		world_run(&world, world.now + 4 * SETTLE);
		for (j = 0; j < 200; j++, n++) {
			world_run(&world, world.now + 20 * MS);
			up += is_up(&world, 0) && is_up(&world, 1);
		}
		assert_true(world.end[0].stats.lost > 0);
	}
	assert_true(up > n / 10 * 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(siphash_is_siphash),
		cmocka_unit_test(vectors),
		cmocka_unit_test(twin_agrees),
		cmocka_unit_test(good_link),
		cmocka_unit_test(broken_link),
		cmocka_unit_test(standstill),
		cmocka_unit_test(calm_again),
		cmocka_unit_test(slower),
		cmocka_unit_test(restart),
		cmocka_unit_test(goodbye),
		cmocka_unit_test(recording),
		cmocka_unit_test(bad_link),
	};

	check_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
