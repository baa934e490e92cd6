// SPDX-License-Identifier: GPL-2.0
/*
 * Who is real gets in while others forge as much as a kernel lets through: hellos
 * of a node that exists, with a key that it did not sign, each another or each
 * twice; hellos that name a certificate that nobody has; certificates. How long
 * that takes is chance, so each is tried several times.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "node_int.h"
#include "vnet.h"

#define S 1000000ull
#define TRIES 10

/* Taken in a second (Documentation/protocol.rst, Limits). */
#define OF_STRANGERS 256
#define OF_A_NEIGHBOUR 64

/* Behind id and its length: certificate, incarnation, ephemeral key. */
#define HELLO_CERT (LS_HEAD_BYTES + 34)
#define HELLO_KEY (HELLO_CERT + DC_HASH_BYTES + 8)

enum forged { KEYS, UNKNOWN, CERTS, ALL, TWICE };

/**
 * struct forger - who forges, and what
 * @as_neighbour: from n2's address, else from a new one each time
 * @hello: of n2, overheard; @cert: its certificate, in a packet
 */
static struct forger {
	enum forged what;
	bool as_neighbour;
	struct vnet_packet hello;
	struct vnet_packet cert;
} forger;

static bool overhear(struct vnet_packet *packet, void *arg)
{
	(void)arg;
	if (packet->from == 1 && packet->bytes[1] == LS_HELLO)
		forger.hello = *packet;
	else if (packet->from == 1 && packet->bytes[1] == LS_CERT)
		forger.cert = *packet;
	return true;
}

/* n1 and n2 are neighbours; n3 is not on the link yet. */
static void set_up(struct vnet *net, uint64_t seed)
{
	memset(&forger, 0, sizeof(forger));
	vnet_init(net, seed);
	net->tap = overhear;
	vnet_add(net, "n1");
	vnet_add(net, "n2");
	vnet_add(net, "n3");
	vnet_join(net, 0, 1);
	vnet_run(net, 5 * S);
	assert_string_equal(vnet_state(net, 0, 1), "full");
	assert_true(forger.hello.len && forger.cert.len);
	net->tap = NULL;
}

static void forge(struct vnet *net, unsigned int to, enum forged what,
		  uint64_t random)
{
	struct damc_lladdr from = { .len = 6, .addr = { 2 } };
	struct vnet_packet packet = what == CERTS ? forger.cert : forger.hello;

	memcpy(from.addr + 1, &random, 5);
	if (forger.as_neighbour)
		from = (struct damc_lladdr){ 1, { 2 } };
	if (what == CERTS)
		ls_put64(packet.bytes + packet.len - 8, random);
	else
		ls_put64(packet.bytes + (what == UNKNOWN ? HELLO_CERT : HELLO_KEY),
			 random);
	dc_node_input(net->node[to].node, packet.link + 1, &from, packet.bytes,
		      packet.len, net->now_us);
}

static bool are_full(struct vnet *net, unsigned int a, unsigned int b)
{
	return !strcmp(vnet_state(net, a, b), "full") &&
	       !strcmp(vnet_state(net, b, a), "full");
}

/* Until n1 and @other are, or for @most seconds: how many it took. */
static unsigned int until_full(struct vnet *net, unsigned int other,
			       unsigned int rate, unsigned int most)
{
	uint64_t since = net->now_us, random = 0;
	enum forged what = forger.what;
	unsigned int i;

	for (i = 0; net->now_us < since + most * S && !are_full(net, 0, other); i++) {
		if (forger.what == ALL)
			what = i % ALL;
		if (forger.what != TWICE || i % 2)
			random = vnet_random(net);
		forge(net, 0, what, random);
		forge(net, 1, what, random);
		vnet_run(net, S / rate);
	}
	return (net->now_us - since) / S;
}

/* Nobody waits longer than @most, nor all of them together than @mean each. */
static void newcomers_get_in(enum forged what, bool as_neighbour,
			     unsigned int mean, unsigned int most)
{
	unsigned int rate = as_neighbour ? OF_A_NEIGHBOUR : OF_STRANGERS;
	unsigned int i, took, sum = 0, worst = 0;
	struct vnet net;

	for (i = 0; i < TRIES; i++) {
		set_up(&net, 100 + i);
		forger.what = what;
		forger.as_neighbour = as_neighbour;
		/* Until nothing is left of what there is at once; n3 is not there. */
		until_full(&net, 2, rate, 20);
		vnet_attach(&net, 0, 2);
		took = until_full(&net, 2, rate, 10 * most);
		assert_in_range(took, 0, most);
		assert_string_equal(vnet_state(&net, 0, 1), "full");
		sum += took;
		worst = took > worst ? took : worst;
		vnet_free(&net);
	}
	print_message("# %u s in the mean, %u at most\n", sum / TRIES, worst);
	assert_in_range(sum, 0, mean * TRIES);
}

static void newcomers_get_in_among_keys(void **state)
{
	(void)state;
	newcomers_get_in(KEYS, false, 45, 180);
}

static void newcomers_get_in_among_what_is_repeated(void **state)
{
	(void)state;
	newcomers_get_in(TWICE, false, 90, 300);
}

static void newcomers_get_in_among_names_of_certificates(void **state)
{
	(void)state;
	newcomers_get_in(UNKNOWN, false, 45, 180);
}

static void newcomers_get_in_among_certificates(void **state)
{
	(void)state;
	newcomers_get_in(CERTS, false, 45, 180);
}

static void newcomers_get_in_among_all(void **state)
{
	(void)state;
	newcomers_get_in(ALL, false, 60, 240);
}

/* Who forges a neighbour's address takes nothing from who is none yet. */
static void newcomers_do_not_wait_for_a_neighbour(void **state)
{
	(void)state;
	newcomers_get_in(KEYS, true, 2, 4);
}

/* It starts again, and somebody forges its address. */
static void a_neighbour_comes_back(void **state)
{
	unsigned int i, took, sum = 0;
	struct vnet net;

	(void)state;
	for (i = 0; i < TRIES; i++) {
		set_up(&net, 200 + i);
		forger.what = KEYS;
		forger.as_neighbour = true;
		until_full(&net, 2, OF_A_NEIGHBOUR, 20);
		assert_true(are_full(&net, 0, 1));
		vnet_kill(&net, 1);
		net.node[1].config.epoch++;
		net.node[1].config.seed++;
		vnet_start(&net, 1);
		took = until_full(&net, 1, OF_A_NEIGHBOUR, 600);
		assert_in_range(took, 0, 60);
		sum += took;
		vnet_free(&net);
	}
	print_message("# %u s in the mean\n", sum / TRIES);
	assert_in_range(sum, 0, 20 * TRIES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(newcomers_get_in_among_keys),
		cmocka_unit_test(newcomers_get_in_among_what_is_repeated),
		cmocka_unit_test(newcomers_get_in_among_names_of_certificates),
		cmocka_unit_test(newcomers_get_in_among_certificates),
		cmocka_unit_test(newcomers_get_in_among_all),
		cmocka_unit_test(newcomers_do_not_wait_for_a_neighbour),
		cmocka_unit_test(a_neighbour_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
