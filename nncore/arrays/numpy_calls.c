/* Calls of NumPy: functions element by element, replayed by NumPy's own inner loops, and copies of
   rows. Here too are the checks of arguments that all recognizers share.
*/

#define NO_IMPORT_ARRAY
#define NO_IMPORT_UFUNC
#include "calls.h"

#include <limits.h>
#include <string.h>

/* The rows of a mini-batch lie anywhere in main memory. The processor fetches the rest of a row by
   itself once its first lines are read, so these are asked for some rows ahead (docs/log.md). */
#define CACHE_LINE 64
#define FETCHED (8 * CACHE_LINE)
#define ROWS_AHEAD 4

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

static void replay_repeated_row(Call *call)
{
    npy_intp length = call->as.rows.length;
    for (npy_intp i = 0; i < call->as.rows.rows; i++) {
        memcpy(call->as.rows.out + i * length, call->as.rows.source, length);
    }
}

static npy_int64 clip(npy_int64 row, npy_intp last)
{
    return row < 0 ? 0 : row > last ? last : row;
}

static void replay_take(Call *call)
{
    npy_intp rows = call->as.rows.rows, length = call->as.rows.length, last = call->as.rows.last;
    npy_intp fetched = length < FETCHED ? length : FETCHED;
    for (npy_intp i = 0; i < rows; i++) {
        if (i + ROWS_AHEAD < rows) {
            npy_int64 ahead = clip(call->as.rows.chosen[i + ROWS_AHEAD], last);
            for (npy_intp line = 0; line < fetched; line += CACHE_LINE) {
                __builtin_prefetch(call->as.rows.source + ahead * length + line);
            }
        }
        npy_int64 row = clip(call->as.rows.chosen[i], last);
        memcpy(call->as.rows.out + i * length, call->as.rows.source + row * length, length);
    }
}

PyArrayObject *as_array(PyObject *object, int type, int dimensions, int flags)
{
    if (!PyArray_Check(object)) {
        return NULL;
    }
    PyArrayObject *array = (PyArrayObject *)object;
    int good = PyArray_TYPE(array) == type && PyArray_NDIM(array) == dimensions &&
               PyArray_CHKFLAGS(array, flags | NPY_ARRAY_ALIGNED) &&
               PyArray_ISNOTSWAPPED(array) && PyArray_SIZE(array) > 0;
    for (int i = 0; good && i < dimensions; i++) {
        good = PyArray_DIM(array, i) <= INT_MAX;
    }
    return good ? array : NULL;
}

PyArrayObject *as_output(PyObject *object, int type, int dimensions, int flags)
{
    return as_array(object, type, dimensions, flags | NPY_ARRAY_WRITEABLE);
}

int as_number(PyObject *object, int type, Number *number)
{
    if (!PyFloat_Check(object) && !PyLong_CheckExact(object)) {
        return 0;
    }
    double value = PyFloat_AsDouble(object);
    if (value == -1.0 && PyErr_Occurred()) {
        PyErr_Clear(); /* a whole number that no float can hold: the call itself reports it */
        return 0;
    }
    if (type == NPY_FLOAT) {
        number->single = (float)value;
    } else {
        number->full = value;
    }
    return 1;
}

int apart(PyArrayObject *one, PyArrayObject *other)
{
    char *first = PyArray_BYTES(one), *second = PyArray_BYTES(other);
    return first + PyArray_NBYTES(one) <= second || second + PyArray_NBYTES(other) <= first;
}

static int is_real(int type)
{
    return type == NPY_FLOAT || type == NPY_DOUBLE;
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
            return call->as.elements.loop != NULL;
        }
    }
    return 0;
}

/* Fill in operand `i`: a number, or an array of the form of `output` and in one of `orders`. */
static int is_operand(PyObject *operand, int i, PyArrayObject *output, int *orders, Call *call)
{
    int type = PyArray_TYPE(output), dimensions = PyArray_NDIM(output);
    /* NumPy computes with numbers of Python in the dtype of the other inputs, with its own in
       theirs. */
    if (PyFloat_CheckExact(operand) || PyLong_CheckExact(operand)) {
        call->as.elements.pointers[i] = NULL;
        call->as.elements.strides[i] = 0;
        return as_number(operand, type, &call->as.elements.number);
    }
    PyArrayObject *array = as_array(operand, type, dimensions, 0);
    if (!array || !PyArray_CheckExact(operand) || !(*orders &= PyArray_FLAGS(array)) ||
        !PyArray_CompareLists(PyArray_DIMS(array), PyArray_DIMS(output), dimensions) ||
        !(PyArray_DATA(array) == PyArray_DATA(output) || apart(array, output))) {
        return 0;
    }
    call->as.elements.pointers[i] = PyArray_BYTES(array);
    call->as.elements.strides[i] = PyArray_ITEMSIZE(array);
    return 1;
}

/* (inputs ..., output), or the inputs with `out` apart. Arrays of one shape and order, whose memory
   is the same or does not overlap, are what NumPy passes to a loop in one piece. */
int is_elements(PyUFuncObject *ufunc, PyObject *arguments, PyObject *out, Call *call)
{
    int n_in = ufunc->nin, numbers = 0;
    if (ufunc->core_enabled || ufunc->nout != 1 || n_in + 1 > MOST_OPERANDS ||
        PyTuple_GET_SIZE(arguments) != (out ? n_in : n_in + 1)) {
        return 0;
    }
    PyObject *last = out ? out : PyTuple_GET_ITEM(arguments, n_in);
    if (!PyArray_CheckExact(last)) {
        return 0;
    }
    PyArrayObject *output = (PyArrayObject *)last;
    int type = PyArray_TYPE(output), dimensions = PyArray_NDIM(output);
    int orders = NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_F_CONTIGUOUS;
    if (!is_real(type) || dimensions < 1 || !as_output(last, type, dimensions, 0) ||
        !find_loop(ufunc, type, call) || !is_operand(last, n_in, output, &orders, call)) {
        return 0;
    }
    for (int i = 0; i < n_in; i++) {
        PyObject *operand = PyTuple_GET_ITEM(arguments, i);
        if (!is_operand(operand, i, output, &orders, call)) {
            return 0;
        }
        numbers += call->as.elements.pointers[i] == NULL;
    }
    call->replay = replay_elements;
    call->as.elements.operands = n_in + 1;
    call->as.elements.count = PyArray_SIZE(output);
    return numbers <= 1 && numbers < n_in; /* of numbers alone, NumPy computes in float64 */
}

/* self.__setitem__(..., row) */
int is_repeated_row(PyArrayObject *self, PyObject *arguments, Call *call)
{
    if (PyTuple_GET_SIZE(arguments) != 2 || PyTuple_GET_ITEM(arguments, 0) != Py_Ellipsis) {
        return 0;
    }
    int type = PyArray_TYPE(self), order = NPY_ARRAY_C_CONTIGUOUS;
    PyArrayObject *out = as_output((PyObject *)self, type, 2, order);
    PyArrayObject *row = as_array(PyTuple_GET_ITEM(arguments, 1), type, 1, order);
    if (!is_real(type) || !out || !row || !apart(out, row) ||
        PyArray_DIM(row, 0) != PyArray_DIM(out, 1)) {
        return 0;
    }
    call->replay = replay_repeated_row;
    call->as.rows.source = PyArray_BYTES(row), call->as.rows.out = PyArray_BYTES(out);
    call->as.rows.rows = PyArray_DIM(out, 0), call->as.rows.length = PyArray_NBYTES(row);
    return 1;
}

/* self.take(rows, 0, out, "clip") */
int is_take(PyArrayObject *self, PyObject *arguments, Call *call)
{
    if (PyTuple_GET_SIZE(arguments) != 4) {
        return 0;
    }
    PyObject *axis = PyTuple_GET_ITEM(arguments, 1), *mode = PyTuple_GET_ITEM(arguments, 3);
    int overflow;
    if (!PyLong_CheckExact(axis) || PyLong_AsLongAndOverflow(axis, &overflow) != 0 ||
        !PyUnicode_Check(mode) || PyUnicode_CompareWithASCIIString(mode, "clip")) {
        return 0;
    }
    int type = PyArray_TYPE(self), order = NPY_ARRAY_C_CONTIGUOUS;
    PyArrayObject *source = as_array((PyObject *)self, type, 2, order);
    PyArrayObject *rows = as_array(PyTuple_GET_ITEM(arguments, 0), NPY_INT64, 1, order);
    PyArrayObject *out = as_output(PyTuple_GET_ITEM(arguments, 2), type, 2, order);
    if (!is_real(type) || !source || !rows || !out || !apart(source, out) || !apart(rows, out) ||
        PyArray_DIM(out, 0) != PyArray_DIM(rows, 0) ||
        PyArray_DIM(out, 1) != PyArray_DIM(source, 1)) {
        return 0;
    }
    call->replay = replay_take;
    call->as.rows.source = PyArray_BYTES(source), call->as.rows.out = PyArray_BYTES(out);
    call->as.rows.chosen = PyArray_DATA(rows), call->as.rows.last = PyArray_DIM(source, 0) - 1;
    call->as.rows.rows = PyArray_DIM(out, 0);
    call->as.rows.length = PyArray_DIM(out, 1) * PyArray_ITEMSIZE(out);
    return 1;
}
