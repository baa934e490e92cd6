// SPDX-License-Identifier: GPL-2.0
/*
 * Make a BPF LPM trie and load the bench module with it.
 *
 * usage: lookup_load MODULE SIZE ROUTES
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* names.h: BENCH_NAME_ROOM, and the number of bits before it */
#define KEY_SIZE (4 + 64)

static int open_trie(unsigned int routes)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_LPM_TRIE;
	attr.key_size = KEY_SIZE;
	attr.value_size = 4;
	attr.max_entries = routes;
	attr.map_flags = BPF_F_NO_PREALLOC;
	return syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
}

int main(int argc, char **argv)
{
	char parameters[128];
	int map, module;

	if (argc != 4)
		return 2;
	map = open_trie(strtoul(argv[3], NULL, 10));
	module = open(argv[1], O_RDONLY);
	if (map < 0 || module < 0) {
		perror("lookup_load");
		return 1;
	}
	snprintf(parameters, sizeof(parameters), "map=%d size=%s routes=%s", map, argv[2], argv[3]);
	if (!syscall(SYS_finit_module, module, parameters, 0) || errno != ECANCELED) {
		perror("lookup_load: module");
		return 1;
	}
	return 0;
}
