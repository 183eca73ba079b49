/* Recognizes the calls of a list that run without the interpreter, and replays them.

   It computes nothing itself. It knows the functions behind some calls: BLAS's products, NumPy's
   element-wise loops, and copies of rows. It passes them the same arrays as the call does, so the
   bits are the same. Whatever it does not recognize in every detail, Python calls.
*/

#define NO_IMPORT_ARRAY
#define NO_IMPORT_UFUNC
#include "known_calls.h"

#include <limits.h>
#include <string.h>

/* How SciPy's routines must begin: with 32-bit whole numbers, as `int` has here. */
#define GEMM_SIGNATURE "void (char *, char *, int *, int *, int *, "
#define GEMV_SIGNATURE "void (char *, int *, int *, "
#define AXPY_SIGNATURE "void (int *, "

/* ---- What replays a call ---- */

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

static void replay_elements(Call *call)
{
    char *pointers[MOST_OPERANDS];
    for (int i = 0; i < call->as.elements.operands; i++) {
        char *pointer = call->as.elements.pointers[i];
        pointers[i] = pointer ? pointer : (char *)&call->as.elements.number;
    }
    call->as.elements.loop(pointers, &call->as.elements.count, call->as.elements.strides,
                           call->as.elements.data);
}

static void replay_rows(Call *call)
{
    const npy_int64 *chosen = call->as.rows.chosen;
    npy_intp length = call->as.rows.length, last = call->as.rows.last;
    for (npy_intp i = 0; i < call->as.rows.rows; i++) {
        npy_int64 row = chosen ? chosen[i] : 0;
        row = row < 0 ? 0 : row > last ? last : row;
        memcpy(call->as.rows.out + i * length, call->as.rows.source + row * length, length);
    }
}

/* ---- What recognizes a call: each returns 1 if it filled `call`, 0 if Python must call ---- */

static PyArrayObject *as_array(PyObject *object, int type, int dimensions, int order)
{
    if (!PyArray_Check(object)) {
        return NULL;
    }
    PyArrayObject *array = (PyArrayObject *)object;
    int good = PyArray_TYPE(array) == type && PyArray_NDIM(array) == dimensions &&
               PyArray_CHKFLAGS(array, order | NPY_ARRAY_ALIGNED) &&
               PyArray_ISNOTSWAPPED(array) && PyArray_SIZE(array) > 0;
    for (int i = 0; good && i < dimensions; i++) {
        good = PyArray_DIM(array, i) <= INT_MAX;
    }
    return good ? array : NULL;
}

static PyArrayObject *as_output(PyObject *object, int type, int dimensions, int order)
{
    return as_array(object, type, dimensions, order | NPY_ARRAY_WRITEABLE);
}

static int as_number(PyObject *object, int type, Number *number)
{
    if (!PyFloat_Check(object) && !PyLong_CheckExact(object)) {
        return 0;
    }
    double value = PyFloat_AsDouble(object);
    if (value == -1.0 && PyErr_Occurred()) {
        PyErr_Clear(); /* a huge whole number: the call itself reports it */
        return 0;
    }
    if (type == NPY_FLOAT) {
        number->single = (float)value;
    } else {
        number->full = value;
    }
    return 1;
}

/* Return whether `arguments` from `first` on are these small whole numbers, and no more. */
static int are(PyObject *arguments, Py_ssize_t first, const char *numbers)
{
    if (PyTuple_GET_SIZE(arguments) != first + (Py_ssize_t)strlen(numbers)) {
        return 0;
    }
    for (Py_ssize_t i = 0; numbers[i]; i++) {
        PyObject *argument = PyTuple_GET_ITEM(arguments, first + i);
        if (!PyLong_CheckExact(argument) || PyLong_AsLong(argument) != numbers[i] - '0') {
            return 0;
        }
    }
    return 1;
}

static int apart(PyArrayObject *one, PyArrayObject *other)
{
    char *start = PyArray_BYTES(one), *end = start + PyArray_NBYTES(one);
    return end <= PyArray_BYTES(other) || PyArray_BYTES(other) + PyArray_NBYTES(other) <= start;
}

/* (alpha, a, b, beta, c, transpose_a, transpose_b, overwrite_c) */
static int is_gemm(PyObject *arguments, int type, Call *call)
{
    int transpose_a, transpose_b;
    if (are(arguments, 5, "001")) {
        transpose_a = 0, transpose_b = 0;
    } else if (are(arguments, 5, "101")) {
        transpose_a = 1, transpose_b = 0;
    } else if (are(arguments, 5, "011")) {
        transpose_a = 0, transpose_b = 1;
    } else {
        return 0;
    }
    PyArrayObject *a = as_array(PyTuple_GET_ITEM(arguments, 1), type, 2, NPY_ARRAY_F_CONTIGUOUS);
    PyArrayObject *b = as_array(PyTuple_GET_ITEM(arguments, 2), type, 2, NPY_ARRAY_F_CONTIGUOUS);
    PyArrayObject *c = as_output(PyTuple_GET_ITEM(arguments, 4), type, 2, NPY_ARRAY_F_CONTIGUOUS);
    if (!a || !b || !c || !apart(a, c) || !apart(b, c) ||
        !as_number(PyTuple_GET_ITEM(arguments, 0), type, &call->as.blas.alpha) ||
        !as_number(PyTuple_GET_ITEM(arguments, 3), type, &call->as.blas.beta)) {
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
    return 1;
}

/* (alpha, a, x, beta, y, offset x, step x, offset y, step y, transpose, overwrite_y) */
static int is_gemv(PyObject *arguments, int type, Call *call)
{
    if (!are(arguments, 5, "010101")) {
        return 0;
    }
    PyArrayObject *a = as_array(PyTuple_GET_ITEM(arguments, 1), type, 2, NPY_ARRAY_F_CONTIGUOUS);
    PyArrayObject *x = as_array(PyTuple_GET_ITEM(arguments, 2), type, 1, NPY_ARRAY_F_CONTIGUOUS);
    PyArrayObject *y = as_output(PyTuple_GET_ITEM(arguments, 4), type, 1, NPY_ARRAY_F_CONTIGUOUS);
    if (!a || !x || !y || !apart(a, y) || !apart(x, y) ||
        PyArray_DIM(a, 0) != PyArray_DIM(y, 0) || PyArray_DIM(a, 1) != PyArray_DIM(x, 0) ||
        !as_number(PyTuple_GET_ITEM(arguments, 0), type, &call->as.blas.alpha) ||
        !as_number(PyTuple_GET_ITEM(arguments, 3), type, &call->as.blas.beta)) {
        return 0;
    }
    call->replay = replay_gemv;
    call->as.blas.transpose_a = 'N';
    call->as.blas.m = call->as.blas.lda = (int)PyArray_DIM(a, 0);
    call->as.blas.n = (int)PyArray_DIM(a, 1);
    call->as.blas.a = PyArray_DATA(a), call->as.blas.b = PyArray_DATA(x);
    call->as.blas.c = PyArray_DATA(y);
    return 1;
}

/* (x, y, n, factor) */
static int is_axpy(PyObject *arguments, int type, Call *call)
{
    if (PyTuple_GET_SIZE(arguments) != 4 || !PyLong_CheckExact(PyTuple_GET_ITEM(arguments, 2))) {
        return 0;
    }
    PyArrayObject *x = as_array(PyTuple_GET_ITEM(arguments, 0), type, 1, NPY_ARRAY_F_CONTIGUOUS);
    PyArrayObject *y = as_output(PyTuple_GET_ITEM(arguments, 1), type, 1, NPY_ARRAY_F_CONTIGUOUS);
    if (!x || !y || !apart(x, y) || PyArray_DIM(x, 0) != PyArray_DIM(y, 0) ||
        PyLong_AsLong(PyTuple_GET_ITEM(arguments, 2)) != PyArray_DIM(x, 0) ||
        !as_number(PyTuple_GET_ITEM(arguments, 3), type, &call->as.blas.alpha)) {
        return 0;
    }
    call->replay = replay_axpy;
    call->as.blas.n = (int)PyArray_DIM(x, 0);
    call->as.blas.b = PyArray_DATA(x), call->as.blas.c = PyArray_DATA(y);
    return 1;
}

/* Find the loop of `ufunc` whose operands all have `type`. */
static int find_loop(PyUFuncObject *ufunc, int type, Call *call)
{
    for (int i = 0; i < ufunc->ntypes; i++) {
        int same = 1;
        for (int j = 0; j < ufunc->nargs; j++) {
            same = same && ufunc->types[i * ufunc->nargs + j] == type;
        }
        if (same) {
            call->as.elements.loop = ufunc->functions[i];
            call->as.elements.data = ufunc->data ? ufunc->data[i] : NULL;
            return ufunc->functions[i] != NULL;
        }
    }
    return 0;
}

/* (inputs ..., output), or the inputs with `out` apart: arrays of one shape, order and type, whose
   memory is the same or does not overlap. NumPy passes such arrays to the loop in one piece. */
static int is_elements(PyUFuncObject *ufunc, PyObject *arguments, PyObject *out, Call *call)
{
    int n_in = ufunc->nin;
    if (ufunc->core_enabled || ufunc->nout != 1 || n_in + 1 > MOST_OPERANDS ||
        PyTuple_GET_SIZE(arguments) != (out ? n_in : n_in + 1)) {
        return 0;
    }
    PyObject *last = out ? out : PyTuple_GET_ITEM(arguments, n_in);
    if (!PyArray_CheckExact(last)) {
        return 0;
    }
    PyArrayObject *output = (PyArrayObject *)last;
    int type = PyArray_TYPE(output), dimensions = PyArray_NDIM(output), numbers = 0;
    int order = NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_F_CONTIGUOUS;
    order &= PyArray_FLAGS(output);
    if ((type != NPY_FLOAT && type != NPY_DOUBLE) || dimensions < 1 || !order ||
        !as_output(last, type, dimensions, 0) || !find_loop(ufunc, type, call)) {
        return 0;
    }
    for (int i = 0; i <= n_in; i++) {
        PyObject *operand = i == n_in ? last : PyTuple_GET_ITEM(arguments, i);
        PyArrayObject *array = as_array(operand, type, dimensions, 0);
        if (!PyArray_CheckExact(operand)) {
            /* NumPy computes with a number of Python in the dtype of the arrays, with its own not. */
            if (numbers++ || !(PyFloat_CheckExact(operand) || PyLong_CheckExact(operand)) ||
                !as_number(operand, type, &call->as.elements.number)) {
                return 0;
            }
            call->as.elements.pointers[i] = NULL;
            call->as.elements.strides[i] = 0;
            continue;
        }
        if (!array || !(order &= PyArray_FLAGS(array)) ||
            !PyArray_CompareLists(PyArray_DIMS(array), PyArray_DIMS(output), dimensions) ||
            !(PyArray_DATA(array) == PyArray_DATA(output) || apart(array, output))) {
            return 0;
        }
        call->as.elements.pointers[i] = PyArray_BYTES(array);
        call->as.elements.strides[i] = PyArray_ITEMSIZE(array);
    }
    call->replay = replay_elements;
    call->as.elements.operands = n_in + 1;
    call->as.elements.count = PyArray_SIZE(output);
    return 1;
}

/* array.__setitem__(..., row) */
static int is_repeated_row(PyArrayObject *self, PyObject *arguments, Call *call)
{
    if (PyTuple_GET_SIZE(arguments) != 2 || PyTuple_GET_ITEM(arguments, 0) != Py_Ellipsis) {
        return 0;
    }
    int type = PyArray_TYPE(self);
    PyArrayObject *out = as_output((PyObject *)self, type, 2, NPY_ARRAY_C_CONTIGUOUS);
    PyArrayObject *row = as_array(PyTuple_GET_ITEM(arguments, 1), type, 1, NPY_ARRAY_C_CONTIGUOUS);
    if ((type != NPY_FLOAT && type != NPY_DOUBLE) || !out || !row || !apart(out, row) ||
        PyArray_DIM(row, 0) != PyArray_DIM(out, 1)) {
        return 0;
    }
    call->replay = replay_rows;
    call->as.rows.source = PyArray_BYTES(row), call->as.rows.out = PyArray_BYTES(out);
    call->as.rows.chosen = NULL, call->as.rows.last = 0;
    call->as.rows.rows = PyArray_DIM(out, 0), call->as.rows.length = PyArray_NBYTES(row);
    return 1;
}

/* source.take(rows, 0, out, "clip") */
static int is_take(PyArrayObject *self, PyObject *arguments, Call *call)
{
    if (PyTuple_GET_SIZE(arguments) != 4 || !PyUnicode_Check(PyTuple_GET_ITEM(arguments, 3)) ||
        PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(arguments, 3), "clip") ||
        !PyLong_CheckExact(PyTuple_GET_ITEM(arguments, 1)) ||
        PyLong_AsLong(PyTuple_GET_ITEM(arguments, 1)) != 0) {
        return 0;
    }
    int type = PyArray_TYPE(self), order = NPY_ARRAY_C_CONTIGUOUS;
    PyArrayObject *source = as_array((PyObject *)self, type, 2, order);
    PyArrayObject *rows = as_array(PyTuple_GET_ITEM(arguments, 0), NPY_INT64, 1, order);
    PyArrayObject *out = as_output(PyTuple_GET_ITEM(arguments, 2), type, 2, order);
    if ((type != NPY_FLOAT && type != NPY_DOUBLE) || !source || !rows || !out ||
        PyArray_DIM(out, 0) != PyArray_DIM(rows, 0) || !apart(source, out) ||
        PyArray_DIM(out, 1) != PyArray_DIM(source, 1) || !apart(rows, out)) {
        return 0;
    }
    call->replay = replay_rows;
    call->as.rows.source = PyArray_BYTES(source), call->as.rows.out = PyArray_BYTES(out);
    call->as.rows.chosen = PyArray_DATA(rows), call->as.rows.last = PyArray_DIM(source, 0) - 1;
    call->as.rows.rows = PyArray_DIM(out, 0);
    call->as.rows.length = PyArray_DIM(out, 1) * PyArray_ITEMSIZE(out);
    return 1;
}

static int is_method(PyObject *function, PyObject *arguments, Call *call)
{
    if (PyCFunction_Check(function)) {
        PyObject *self = PyCFunction_GET_SELF(function);
        const char *name = ((PyCFunctionObject *)function)->m_ml->ml_name;
        return self && PyArray_Check(self) && !strcmp(name, "take") &&
               is_take((PyArrayObject *)self, arguments, call);
    }
    if (Py_TYPE(function) != &_PyMethodWrapper_Type) {
        return 0;
    }
    PyObject *self = PyObject_GetAttrString(function, "__self__");
    PyObject *name = PyObject_GetAttrString(function, "__name__");
    int known = self && name && PyArray_CheckExact(self) &&
                !PyUnicode_CompareWithASCIIString(name, "__setitem__") &&
                is_repeated_row((PyArrayObject *)self, arguments, call);
    Py_XDECREF(self);
    Py_XDECREF(name);
    return known;
}

/* partial(ufunc, out=array) */
static int is_partial(PyObject *function, PyObject *arguments, Call *call)
{
    PyObject *inner = PyObject_GetAttrString(function, "func");
    PyObject *before = PyObject_GetAttrString(function, "args");
    PyObject *keywords = PyObject_GetAttrString(function, "keywords");
    int known = 0;
    if (inner && before && keywords && PyObject_TypeCheck(inner, &PyUFunc_Type) &&
        PyTuple_GET_SIZE(before) == 0 && PyDict_GET_SIZE(keywords) == 1) {
        PyObject *out = PyDict_GetItemString(keywords, "out");
        known = out && is_elements((PyUFuncObject *)inner, arguments, out, call);
    }
    Py_XDECREF(inner);
    Py_XDECREF(before);
    Py_XDECREF(keywords);
    return known;
}

/* A function of SciPy, the routine of BLAS that it calls, and what recognizes its arguments. */
static struct {
    const char *name, *signature;
    int type;
    int (*recognize)(PyObject *, int, Call *);
    PyObject *function;
    void (*routine)(void);
} routines[] = {
    {"sgemm", GEMM_SIGNATURE, NPY_FLOAT, is_gemm, NULL, NULL},
    {"dgemm", GEMM_SIGNATURE, NPY_DOUBLE, is_gemm, NULL, NULL},
    {"sgemv", GEMV_SIGNATURE, NPY_FLOAT, is_gemv, NULL, NULL},
    {"dgemv", GEMV_SIGNATURE, NPY_DOUBLE, is_gemv, NULL, NULL},
    {"saxpy", AXPY_SIGNATURE, NPY_FLOAT, is_axpy, NULL, NULL},
    {"daxpy", AXPY_SIGNATURE, NPY_DOUBLE, is_axpy, NULL, NULL},
};
static const int n_routines = sizeof(routines) / sizeof(routines[0]);
static PyObject *partial; /* functools.partial */

void recognize(PyObject *function, PyObject *arguments, Call *call)
{
    int known = 0;
    if (PyObject_TypeCheck(function, &PyUFunc_Type)) {
        known = is_elements((PyUFuncObject *)function, arguments, NULL, call);
    } else if ((PyObject *)Py_TYPE(function) == partial) {
        known = is_partial(function, arguments, call);
    } else if (is_method(function, arguments, call)) {
        known = 1;
    } else {
        for (int i = 0; i < n_routines && !known; i++) {
            if (function == routines[i].function) {
                call->as.blas.routine = routines[i].routine;
                known = routines[i].recognize(arguments, routines[i].type, call);
            }
        }
    }
    if (!known) {
        call->replay = NULL;
    }
}

int find_known_functions(void)
{
    PyObject *functools = PyImport_ImportModule("functools");
    PyObject *blas = PyImport_ImportModule("scipy.linalg.blas");
    PyObject *cython_blas = PyImport_ImportModule("scipy.linalg.cython_blas");
    PyObject *exported =
        cython_blas ? PyObject_GetAttrString(cython_blas, "__pyx_capi__") : NULL;
    int found = functools && blas && exported &&
                (partial = PyObject_GetAttrString(functools, "partial"));
    for (int i = 0; i < n_routines && found; i++) {
        PyObject *capsule = PyMapping_GetItemString(exported, routines[i].name);
        const char *signature = capsule ? PyCapsule_GetName(capsule) : NULL;
        routines[i].function = PyObject_GetAttrString(blas, routines[i].name);
        found = signature && routines[i].function;
        if (found && strncmp(signature, routines[i].signature, strlen(routines[i].signature))) {
            PyErr_Format(PyExc_ImportError, "SciPy's %s takes other arguments: %s",
                         routines[i].name, signature);
            found = 0;
        }
        if (found) {
            routines[i].routine = (void (*)(void))PyCapsule_GetPointer(capsule, signature);
        }
        Py_XDECREF(capsule);
    }
    Py_XDECREF(functools);
    Py_XDECREF(blas);
    Py_XDECREF(cython_blas);
    Py_XDECREF(exported);
    return found;
}
