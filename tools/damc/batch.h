/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DAMC_CLI_BATCH_H
#define DAMC_CLI_BATCH_H

/*
 * Run each line of a file, "-" for standard input. A line may begin with the
 * word damc, so that one file serves damc -batch and ip -batch.
 */
int batch_run(const char *name);

#endif /* DAMC_CLI_BATCH_H */
