/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the flight recorder's bytes go: STATE/record, through memory that the
 * file is mapped to, so that they outlast a process that dies. What an earlier
 * process left there is STATE/record.old then. What there is no room for goes to
 * two more in turn, so that the last that happened can always be read.
 */
#ifndef DAMCD_RECORD_FILE_H
#define DAMCD_RECORD_FILE_H

#include "daemon.h"
#include "record.h"

#define RECORD_FILE "record"
#define RECORD_FILE_OLD "record.old"
/* Where it is full: what is told since, in turn; see record.h, "middle". */
#define RECORD_TAIL "record.tail"
#define RECORD_TAIL_OLD "record.tail.old"

struct record_file;

/* NULL: why is logged, or none is wanted. The node runs without as well. */
struct record_file *record_file_new(struct daemon *daemon);
/* After the node that is recorded. */
void record_file_free(struct record_file *file);

struct dc_recorder *record_file_recorder(struct record_file *file);

#endif /* DAMCD_RECORD_FILE_H */
