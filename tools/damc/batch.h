/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DAMC_CLI_BATCH_H
#define DAMC_CLI_BATCH_H

/*
 * Run each line of a file, "-" for standard input. A line may begin with the
 * word damc, so that one file serves damc -batch and ip -batch.
 */
int batch_run(const char *name);

/* Words in a line, at most. */
#define BATCH_WORDS_MAX 512

/* Cut a line into words, in place: how many, or -1 with why not. */
int batch_split(char *text, char **words, const char **why);

/* Run words of a line, of which there are some: 0 if all is well. */
int batch_do(int n, char **words);

#endif /* DAMC_CLI_BATCH_H */
