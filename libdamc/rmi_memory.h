/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a server of calls remembers: callers, their calls, and who uses how
 * much of the memory. Nothing is thrown out to make room. rmi_server_core.c
 * decides what is done with it.
 *
 * Trees are tsearch()'s, balanced whatever keys a caller thinks up.
 */
#ifndef _DAMC_RMI_MEMORY_H
#define _DAMC_RMI_MEMORY_H

#include "rmi_gather.h"
#include "rmi_server_core.h"

/* Names alike in so many components are one source: /pod/NODE/ID is a pod. */
#define RMI_SOURCE_COMPONENTS 3

/**
 * struct rmi_source - callers whose names begin alike
 * @name: how they begin
 * @callers: how many there are; the source goes with the last
 * @calls: of all of them
 * @bytes: kept for them
 */
struct rmi_source {
	struct damc_name name;
	unsigned int callers;
	unsigned int calls;
	size_t bytes;
};

/**
 * struct rmi_caller - a client object under a name
 * @next: in the memory's list
 * @source: of its name
 * @client: the object's random number
 * @name: it calls as
 * @floor: no call below is of interest to it any more
 * @until: the latest end among its calls
 * @tree: its calls by number
 * @calls: the same, in a list
 * @n_calls: how many they are
 */
struct rmi_caller {
	struct rmi_caller *next;
	struct rmi_source *source;
	uint64_t client;
	struct damc_name name;
	uint64_t floor;
	uint64_t until;
	void *tree;
	struct rmi_execution *calls;
	unsigned int n_calls;
};

enum rmi_stage {
	/* Parts of the request have come. */
	RMI_STAGE_RECEIVING,
	RMI_STAGE_EXECUTING,
	RMI_STAGE_ENDED,
};

/**
 * struct rmi_execution - a call that is remembered
 * @next: in its caller's list
 * @caller: whose
 * @call: number
 * @not_after: end of its time, by the server's clock
 * @arrived: when the transmission came that is answered next
 * @bytes: of memory that it is charged for
 * @gather: the request, if it comes in parts
 * @tx: the transmission that is answered next
 * @stage: how far it is
 * @record: answers are to record their path
 * @status: of the reply
 * @path_len: bytes of @path
 * @path: the record that the request arrived with
 * @data: of the reply
 * @len: bytes of @data
 */
struct rmi_execution {
	struct rmi_execution *next;
	struct rmi_caller *caller;
	uint64_t call;
	uint64_t not_after;
	uint64_t arrived;
	size_t bytes;
	struct rmi_gather gather;
	uint16_t tx;
	enum rmi_stage stage;
	bool record;
	uint8_t status;
	uint8_t path_len;
	uint8_t *path;
	uint8_t *data;
	size_t len;
};

struct rmi_memory {
	struct rmi_limits limits;
	void *callers_tree;
	void *sources_tree;
	struct rmi_caller *callers;
	unsigned int n_callers;
	unsigned int n_calls;
	size_t bytes;
};

struct rmi_caller *rmi_memory_find_caller(struct rmi_memory *memory,
					  const struct damc_name *name,
					  uint64_t client);
/* NULL: no room, or no memory. */
struct rmi_caller *rmi_memory_add_caller(struct rmi_memory *memory,
					 const struct damc_name *name,
					 uint64_t client);

struct rmi_execution *rmi_memory_find_call(const struct rmi_caller *caller,
					   uint64_t call);
/* NULL: no memory. Whether there is room is asked before. */
struct rmi_execution *rmi_memory_add_call(struct rmi_memory *memory,
					  struct rmi_caller *caller,
					  uint64_t number);
void rmi_memory_drop_call(struct rmi_memory *memory,
			  struct rmi_execution *call);

/* Room for one more call, with @bytes; or for the memory of a refusal. */
bool rmi_memory_has_room(const struct rmi_memory *memory,
			 const struct rmi_caller *caller, size_t bytes);
bool rmi_memory_has_room_to_refuse(const struct rmi_memory *memory,
				   const struct rmi_caller *caller);

/* From now on the call is charged for @bytes. */
void rmi_memory_charge(struct rmi_memory *memory, struct rmi_execution *call,
		       size_t bytes);

/* Forget what the caller's floor, or the clock, refuses from now on. */
void rmi_memory_sweep_caller(struct rmi_memory *memory,
			     struct rmi_caller *caller, uint64_t clock);
void rmi_memory_sweep(struct rmi_memory *memory, uint64_t clock);

void rmi_memory_free(struct rmi_memory *memory);

#endif /* _DAMC_RMI_MEMORY_H */
