/* A call of a list (see operations.py), resolved to the function behind it.

   `replay` makes the call without the interpreter. A recognizer fills a `Call` and returns 1; it
   returns 0, and Python makes the call, unless it knows every detail of the arguments.
*/

#ifndef CALLS_H
#define CALLS_H

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

typedef struct Call Call;

struct Call {
    void (*replay)(Call *); /* NULL: Python makes the call */
    union {
        struct { /* c = beta c + alpha a b; b is the vector x and c the vector y in the others */
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
            char *pointers[MOST_OPERANDS]; /* NULL for `number` */
            Number number;
        } elements;
        struct { /* lengths are in bytes */
            const char *source;
            const npy_int64 *chosen;
            char *out;
            npy_intp rows, length, last;
        } rows;
    } as;
};

/* The recognizers. `self` is the object whose method is called. */
int is_blas(PyObject *function, PyObject *arguments, Call *call);
int is_elements(PyUFuncObject *ufunc, PyObject *arguments, PyObject *out, Call *call);
int is_repeated_row(PyArrayObject *self, PyObject *arguments, Call *call);
int is_take(PyArrayObject *self, PyObject *arguments, Call *call);

/* Return an argument if it is an array of this form, else NULL. `flags` are those of NumPy. */
PyArrayObject *as_array(PyObject *object, int type, int dimensions, int flags);
PyArrayObject *as_output(PyObject *object, int type, int dimensions, int flags);
int as_number(PyObject *object, int type, Number *number);
int apart(PyArrayObject *one, PyArrayObject *other); /* whether their memory does not overlap */

/* Find the routines that SciPy exports; return 0 with an ImportError if they are not as expected. */
int find_blas(void);

#endif
