/* Products of matrices and vectors: calls of SciPy's functions, replayed by the routines of BLAS
   behind them, whose addresses `scipy.linalg.cython_blas` exports for such use.
*/

#define NO_IMPORT_ARRAY
#define NO_IMPORT_UFUNC
#include "calls.h"

#include <string.h>

typedef void Gemm(char *, char *, int *, int *, int *, void *, void *, int *, void *, int *,
                  void *, void *, int *);
typedef void Gemv(char *, int *, int *, void *, void *, int *, void *, int *, void *, void *,
                  int *);
typedef void Axpy(int *, void *, void *, int *, void *, int *);

static int one = 1;

static void replay_gemm(Call *call)
{
    Gemm *gemm = (Gemm *)call->as.blas.routine;
    gemm(&call->as.blas.transpose_a, &call->as.blas.transpose_b, &call->as.blas.m,
         &call->as.blas.n, &call->as.blas.k, &call->as.blas.alpha, call->as.blas.a,
         &call->as.blas.lda, call->as.blas.b, &call->as.blas.ldb, &call->as.blas.beta,
         call->as.blas.c, &call->as.blas.m);
}

static void replay_gemv(Call *call)
{
    Gemv *gemv = (Gemv *)call->as.blas.routine;
    gemv(&call->as.blas.transpose_a, &call->as.blas.m, &call->as.blas.n, &call->as.blas.alpha,
         call->as.blas.a, &call->as.blas.lda, call->as.blas.b, &one, &call->as.blas.beta,
         call->as.blas.c, &one);
}

static void replay_axpy(Call *call)
{
    Axpy *axpy = (Axpy *)call->as.blas.routine;
    axpy(&call->as.blas.n, &call->as.blas.alpha, call->as.blas.b, &one, call->as.blas.c, &one);
}

/* Return whether the last of `count` arguments are these digits. */
static int ends(PyObject *arguments, Py_ssize_t count, const char *digits)
{
    Py_ssize_t length = (Py_ssize_t)strlen(digits);
    if (PyTuple_GET_SIZE(arguments) != count) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < length; i++) {
        PyObject *argument = PyTuple_GET_ITEM(arguments, count - length + i);
        int overflow;
        if (!PyLong_CheckExact(argument) ||
            PyLong_AsLongAndOverflow(argument, &overflow) != digits[i] - '0' || overflow) {
            return 0;
        }
    }
    return 1;
}

static PyArrayObject *matrix(PyObject *arguments, int place, int type)
{
    return as_array(PyTuple_GET_ITEM(arguments, place), type, 2, NPY_ARRAY_F_CONTIGUOUS);
}

static PyArrayObject *vector(PyObject *arguments, int place, int type)
{
    return as_array(PyTuple_GET_ITEM(arguments, place), type, 1, NPY_ARRAY_C_CONTIGUOUS);
}

static int factors(PyObject *arguments, int alpha, int beta, int type, Call *call)
{
    return as_number(PyTuple_GET_ITEM(arguments, alpha), type, &call->as.blas.alpha) &&
           as_number(PyTuple_GET_ITEM(arguments, beta), type, &call->as.blas.beta);
}

/* (alpha, a, b, beta, c, transpose_a, transpose_b, overwrite_c) */
static int is_gemm(PyObject *arguments, int type, Call *call)
{
    int transpose_a = ends(arguments, 8, "101"), transpose_b = ends(arguments, 8, "011");
    if (!transpose_a && !transpose_b && !ends(arguments, 8, "001")) {
        return 0;
    }
    PyArrayObject *a = matrix(arguments, 1, type), *b = matrix(arguments, 2, type);
    PyArrayObject *c = matrix(arguments, 4, type);
    if (!a || !b || !c || !PyArray_ISWRITEABLE(c) || !apart(a, c) || !apart(b, c)) {
        return 0;
    }
    npy_intp m = PyArray_DIM(a, transpose_a), k = PyArray_DIM(a, !transpose_a);
    npy_intp n = PyArray_DIM(b, !transpose_b);
    if (PyArray_DIM(b, transpose_b) != k || PyArray_DIM(c, 0) != m || PyArray_DIM(c, 1) != n) {
        return 0;
    }
    call->replay = replay_gemm;
    call->as.blas.transpose_a = transpose_a ? 'T' : 'N';
    call->as.blas.transpose_b = transpose_b ? 'T' : 'N';
    call->as.blas.m = (int)m, call->as.blas.n = (int)n, call->as.blas.k = (int)k;
    call->as.blas.lda = (int)PyArray_DIM(a, 0), call->as.blas.ldb = (int)PyArray_DIM(b, 0);
    call->as.blas.a = PyArray_DATA(a), call->as.blas.b = PyArray_DATA(b);
    call->as.blas.c = PyArray_DATA(c);
    return factors(arguments, 0, 3, type, call);
}

/* (alpha, a, x, beta, y, offset x, step x, offset y, step y, transpose, overwrite_y) */
static int is_gemv(PyObject *arguments, int type, Call *call)
{
    if (!ends(arguments, 11, "010101")) {
        return 0;
    }
    PyArrayObject *a = matrix(arguments, 1, type);
    PyArrayObject *x = vector(arguments, 2, type), *y = vector(arguments, 4, type);
    if (!a || !x || !y || !PyArray_ISWRITEABLE(y) || !apart(a, y) || !apart(x, y) ||
        PyArray_DIM(a, 0) != PyArray_DIM(y, 0) || PyArray_DIM(a, 1) != PyArray_DIM(x, 0)) {
        return 0;
    }
    call->replay = replay_gemv;
    call->as.blas.transpose_a = 'N';
    call->as.blas.m = call->as.blas.lda = (int)PyArray_DIM(a, 0);
    call->as.blas.n = (int)PyArray_DIM(a, 1);
    call->as.blas.a = PyArray_DATA(a), call->as.blas.b = PyArray_DATA(x);
    call->as.blas.c = PyArray_DATA(y);
    return factors(arguments, 0, 3, type, call);
}

/* (x, y, n, factor) */
static int is_axpy(PyObject *arguments, int type, Call *call)
{
    if (PyTuple_GET_SIZE(arguments) != 4 || !PyLong_CheckExact(PyTuple_GET_ITEM(arguments, 2))) {
        return 0;
    }
    PyArrayObject *x = vector(arguments, 0, type), *y = vector(arguments, 1, type);
    int overflow;
    long n = PyLong_AsLongAndOverflow(PyTuple_GET_ITEM(arguments, 2), &overflow);
    if (!x || !y || !PyArray_ISWRITEABLE(y) || !apart(x, y) || n != PyArray_DIM(x, 0) ||
        n != PyArray_DIM(y, 0)) {
        return 0;
    }
    call->replay = replay_axpy;
    call->as.blas.n = (int)n;
    call->as.blas.b = PyArray_DATA(x), call->as.blas.c = PyArray_DATA(y);
    return factors(arguments, 3, 3, type, call);
}

/* The signatures must begin so: with pointers to `int`, not to longer whole numbers. */
#define GEMM "void (char *, char *, int *, int *, int *, "
#define GEMV "void (char *, int *, int *, "
#define AXPY "void (int *, "

static struct {
    const char *name, *signature;
    int type;
    int (*recognize)(PyObject *, int, Call *);
    PyObject *function; /* of scipy.linalg.blas */
    void (*routine)(void);
} known[] = {
    {"sgemm", GEMM, NPY_FLOAT, is_gemm, NULL, NULL},
    {"dgemm", GEMM, NPY_DOUBLE, is_gemm, NULL, NULL},
    {"sgemv", GEMV, NPY_FLOAT, is_gemv, NULL, NULL},
    {"dgemv", GEMV, NPY_DOUBLE, is_gemv, NULL, NULL},
    {"saxpy", AXPY, NPY_FLOAT, is_axpy, NULL, NULL},
    {"daxpy", AXPY, NPY_DOUBLE, is_axpy, NULL, NULL},
};
static const int n_known = sizeof(known) / sizeof(known[0]);

int is_blas(PyObject *function, PyObject *arguments, Call *call)
{
    for (int i = 0; i < n_known; i++) {
        if (function == known[i].function) {
            call->as.blas.routine = known[i].routine;
            return known[i].recognize(arguments, known[i].type, call);
        }
    }
    return 0;
}

int find_blas(void)
{
    PyObject *blas = PyImport_ImportModule("scipy.linalg.blas");
    PyObject *module = blas ? PyImport_ImportModule("scipy.linalg.cython_blas") : NULL;
    PyObject *exported = module ? PyObject_GetAttrString(module, "__pyx_capi__") : NULL;
    int found = exported != NULL;
    for (int i = 0; i < n_known && found; i++) {
        known[i].function = PyObject_GetAttrString(blas, known[i].name);
        PyObject *capsule = PyMapping_GetItemString(exported, known[i].name);
        const char *signature = capsule ? PyCapsule_GetName(capsule) : NULL;
        found = known[i].function && signature;
        if (found && strncmp(signature, known[i].signature, strlen(known[i].signature))) {
            PyErr_Format(PyExc_ImportError, "cannot call %s of SciPy: %s", known[i].name,
                         signature);
            found = 0;
        }
        if (found) {
            known[i].routine = (void (*)(void))PyCapsule_GetPointer(capsule, signature);
        }
        Py_XDECREF(capsule);
    }
    Py_XDECREF(exported);
    Py_XDECREF(module);
    Py_XDECREF(blas);
    if (!found && !PyErr_ExceptionMatches(PyExc_ImportError)) {
        PyErr_SetString(PyExc_ImportError, "SciPy does not export the routines of its BLAS");
    }
    return found;
}
