/* A call of a list (see operations.py), resolved to the function behind it. */

#ifndef KNOWN_CALLS_H
#define KNOWN_CALLS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#define PY_ARRAY_UNIQUE_SYMBOL nnsweep_array_api
#define PY_UFUNC_UNIQUE_SYMBOL nnsweep_ufunc_api
#include <numpy/arrayobject.h>
#include <numpy/ufuncobject.h>

#define MOST_OPERANDS 4

typedef union {
    float single;
    double full;
} Number;

typedef void Gemm(char *, char *, int *, int *, int *, void *, void *, int *, void *, int *,
                  void *, void *, int *);
typedef void Gemv(char *, int *, int *, void *, void *, int *, void *, int *, void *, void *,
                  int *);
typedef void Axpy(int *, void *, void *, int *, void *, int *);

typedef struct Call Call;

/* One call, resolved: `replay` does it without the GIL. If `replay` is NULL, Python calls it. */
struct Call {
    void (*replay)(Call *);
    union {
        struct {
            void (*routine)(void);
            char transpose_a, transpose_b;
            int m, n, k, lda, ldb;
            Number alpha, beta;
            void *a, *b, *c;
        } blas;
        struct {
            PyUFuncGenericFunction loop;
            void *data;
            int operands;
            npy_intp count, strides[MOST_OPERANDS];
            char *pointers[MOST_OPERANDS]; /* NULL: `number`, which may move with this struct */
            Number number;
        } elements;
        struct {
            const char *source;
            const npy_int64 *chosen; /* NULL: the source is one row, repeated */
            char *out;
            npy_intp rows, length, last;
        } rows;
    } as;
};

/* Look up what calls are recognized by; return 0 with an exception if SciPy has it no more. */
int find_known_functions(void);

/* Fill `call` if the function is known. If not, `call->replay` is NULL. */
void recognize(PyObject *function, PyObject *arguments, Call *call);

#endif
