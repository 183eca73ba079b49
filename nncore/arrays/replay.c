/* Runs a list of calls (see operations.py) without the interpreter; replay.py is its door.

   It computes nothing itself. It recognizes calls of BLAS and NumPy and passes the functions behind
   them the same arrays, in the same order, so no bit changes. All other calls are made by Python,
   each in its place in the list. The list is resolved once, and runs for each block of rows.
*/

#include "calls.h"

#include <stddef.h>
#include <string.h>
#include <structmember.h>

typedef struct {
    PyObject_HEAD
    PyObject *operations; /* a tuple; it keeps all arrays of the calls alive */
    PyArrayObject *rows;
    Call *calls;
    Py_ssize_t python_calls;
} Program;

static PyObject *partial, *method_wrapper; /* types: functools.partial, and of slots as methods */

/* partial(ufunc, out=array) */
static int is_partial(PyObject *function, PyObject *arguments, Call *call)
{
    PyObject *inner = PyObject_GetAttrString(function, "func");
    PyObject *before = PyObject_GetAttrString(function, "args");
    PyObject *keywords = PyObject_GetAttrString(function, "keywords");
    PyObject *out = keywords ? PyDict_GetItemString(keywords, "out") : NULL;
    int known = inner && before && out && PyObject_TypeCheck(inner, &PyUFunc_Type) &&
                PyTuple_GET_SIZE(before) == 0 && PyDict_GET_SIZE(keywords) == 1 &&
                is_elements((PyUFuncObject *)inner, arguments, out, call);
    Py_XDECREF(inner);
    Py_XDECREF(before);
    Py_XDECREF(keywords);
    return known;
}

/* array.take, or array.__setitem__ */
static int is_method(PyObject *function, PyObject *arguments, Call *call)
{
    if (PyCFunction_Check(function)) {
        PyObject *self = PyCFunction_GET_SELF(function);
        const char *name = ((PyCFunctionObject *)function)->m_ml->ml_name;
        return self && PyArray_Check(self) && !strcmp(name, "take") &&
               is_take((PyArrayObject *)self, arguments, call);
    }
    if ((PyObject *)Py_TYPE(function) != method_wrapper) {
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

static int recognize(PyObject *function, PyObject *arguments, Call *call)
{
    if (PyObject_TypeCheck(function, &PyUFunc_Type)) {
        return is_elements((PyUFuncObject *)function, arguments, NULL, call);
    }
    if ((PyObject *)Py_TYPE(function) == partial) {
        return is_partial(function, arguments, call);
    }
    return is_blas(function, arguments, call) || is_method(function, arguments, call);
}

/* Program(operations, rows) */
static PyObject *program_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    PyObject *operations;
    PyArrayObject *rows;
    if (!PyArg_ParseTuple(arguments, "OO!:Program", &operations, &PyArray_Type, &rows)) {
        return NULL;
    }
    if (PyArray_TYPE(rows) != NPY_INT64 || !PyArray_ISCARRAY(rows) || PyArray_SIZE(rows) == 0) {
        PyErr_SetString(PyExc_ValueError, "rows must be a contiguous array of int64");
        return NULL;
    }
    Program *self = (Program *)type->tp_alloc(type, 0);
    if (!self) {
        return NULL;
    }
    self->rows = (PyArrayObject *)Py_NewRef(rows);
    self->operations = PySequence_Tuple(operations);
    Py_ssize_t count = self->operations ? PyTuple_GET_SIZE(self->operations) : 0;
    self->calls = PyMem_Calloc(count ? count : 1, sizeof(Call));
    if (!self->calls) {
        PyErr_NoMemory();
    }
    if (!self->operations || !self->calls) {
        Py_DECREF(self);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *operation = PyTuple_GET_ITEM(self->operations, i);
        if (!PyTuple_Check(operation) || PyTuple_GET_SIZE(operation) != 2 ||
            !PyTuple_Check(PyTuple_GET_ITEM(operation, 1))) {
            PyErr_SetString(PyExc_TypeError, "an operation must be (function, arguments)");
            Py_DECREF(self);
            return NULL;
        }
        if (!recognize(PyTuple_GET_ITEM(operation, 0), PyTuple_GET_ITEM(operation, 1),
                       &self->calls[i])) {
            self->calls[i].replay = NULL;
            self->python_calls++;
        }
    }
    return (PyObject *)self;
}

/* Make all calls in turn; return 0 with an exception if one of Python's raised it. */
static int run(Program *self)
{
    PyThreadState *released = NULL;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(self->operations); i++) {
        Call *call = &self->calls[i];
        if (call->replay) {
            if (!released) {
                released = PyEval_SaveThread();
            }
            call->replay(call);
            continue;
        }
        if (released) {
            PyEval_RestoreThread(released);
            released = NULL;
        }
        PyObject *operation = PyTuple_GET_ITEM(self->operations, i);
        PyObject *result = PyObject_CallObject(PyTuple_GET_ITEM(operation, 0),
                                               PyTuple_GET_ITEM(operation, 1));
        if (!result) {
            return 0;
        }
        Py_DECREF(result);
    }
    if (released) {
        PyEval_RestoreThread(released);
    }
    return 1;
}

/* program(order) */
static PyObject *program_call(Program *self, PyObject *arguments, PyObject *keywords)
{
    PyArrayObject *order;
    if (!PyArg_ParseTuple(arguments, "O!:Program", &PyArray_Type, &order)) {
        return NULL;
    }
    npy_intp size = PyArray_SIZE(self->rows), count = PyArray_SIZE(order);
    if (PyArray_TYPE(order) != NPY_INT64 || !PyArray_ISCARRAY_RO(order) || count % size) {
        PyErr_SetString(PyExc_ValueError, "order must hold whole blocks of int64, contiguous");
        return NULL;
    }
    for (npy_intp start = 0; start < count; start += size) {
        memcpy(PyArray_DATA(self->rows), (npy_int64 *)PyArray_DATA(order) + start,
               PyArray_NBYTES(self->rows));
        if (!run(self) || PyErr_CheckSignals()) {
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

static int program_traverse(Program *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->operations);
    Py_VISIT(self->rows);
    return 0;
}

static void program_dealloc(Program *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(self->operations);
    Py_XDECREF(self->rows);
    PyMem_Free(self->calls);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMemberDef program_members[] = {
    {"python_calls", T_PYSSIZET, offsetof(Program, python_calls), READONLY,
     "The number of calls that Python makes."},
    {NULL},
};

static PyType_Slot program_slots[] = {
    {Py_tp_new, program_new},
    {Py_tp_call, program_call},
    {Py_tp_traverse, program_traverse},
    {Py_tp_dealloc, program_dealloc},
    {Py_tp_members, program_members},
    {0, NULL},
};

static PyType_Spec program_spec = {
    .name = "nncore.arrays._replay.Program",
    .basicsize = sizeof(Program),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = program_slots,
};

static PyModuleDef module_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "nncore.arrays._replay",
    .m_size = -1,
};

static PyObject *find_type(const char *module_name, const char *name)
{
    PyObject *module = PyImport_ImportModule(module_name);
    PyObject *type = module ? PyObject_GetAttrString(module, name) : NULL;
    Py_XDECREF(module);
    return type;
}

PyMODINIT_FUNC PyInit__replay(void)
{
    import_array();
    import_umath();
    partial = find_type("functools", "partial");
    method_wrapper = find_type("types", "MethodWrapperType");
    if (!partial || !method_wrapper || !find_blas()) {
        return NULL;
    }
    PyObject *module = PyModule_Create(&module_definition);
    PyObject *program = module ? PyType_FromSpec(&program_spec) : NULL;
    if (!program || PyModule_AddObjectRef(module, "Program", program) < 0) {
        Py_XDECREF(program);
        Py_XDECREF(module);
        return NULL;
    }
    Py_DECREF(program);
    return module;
}
