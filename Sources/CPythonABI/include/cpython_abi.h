// SPDX-License-Identifier: Apache-2.0
// What the extension uses of CPython's stable ABI (PEP 384; 3.11 and later, builds with a GIL), declared by hand so that no headers
// of Python are needed to build it. Source: "C API Stability", and "Stable ABI" in the C API's reference.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef ssize_t Py_ssize_t;
typedef struct _typeobject PyTypeObject;
// Only builds with a GIL have this layout.
typedef struct _object {
  Py_ssize_t ob_refcnt;
  PyTypeObject *ob_type;
} PyObject;
typedef struct _ts PyThreadState;
typedef PyObject *(*PyCFunction)(PyObject *, PyObject *);
typedef PyObject *(*PyCFunctionWithKeywords)(PyObject *, PyObject *, PyObject *);
typedef PyObject *(*PyGetter)(PyObject *, void *);
typedef int (*PySetter)(PyObject *, PyObject *, void *);

typedef struct {
  const char *ml_name;
  PyCFunction ml_meth;
  int ml_flags;
  const char *ml_doc;
} PyMethodDef;
typedef struct {
  const char *name;
  PyGetter get;
  PySetter set;
  const char *doc;
  void *closure;
} PyGetSetDef;
typedef struct {
  PyObject ob_base;
  PyObject *(*m_init)(void);
  Py_ssize_t m_index;
  PyObject *m_copy;
} PyModuleDef_Base;
typedef struct {
  PyModuleDef_Base m_base;
  const char *m_name;
  const char *m_doc;
  Py_ssize_t m_size;
  PyMethodDef *m_methods;
  void *m_slots;
  void *m_traverse;
  void *m_clear;
  void *m_free;
} PyModuleDef;
typedef struct {
  int slot;
  void *pfunc;
} PyType_Slot;
typedef struct {
  const char *name;
  int basicsize;
  int itemsize;
  unsigned int flags;
  PyType_Slot *slots;
} PyType_Spec;
typedef struct {
  void *buf;
  PyObject *obj;
  Py_ssize_t len;
  Py_ssize_t itemsize;
  int readonly;
  int ndim;
  char *format;
  Py_ssize_t *shape;
  Py_ssize_t *strides;
  Py_ssize_t *suboffsets;
  void *internal;
} Py_buffer;

enum {
  METH_VARARGS = 1,
  METH_KEYWORDS = 2,
  METH_NOARGS = 4,
  METH_O = 8,
  Py_bf_getbuffer = 1,
  Py_bf_releasebuffer = 2,
  Py_tp_dealloc = 52,
  Py_tp_doc = 56,
  Py_tp_methods = 64,
  Py_tp_new = 65,
  Py_tp_getset = 73,
  PyBUF_SIMPLE = 0,
  PyBUF_WRITABLE = 1,
};
#define PY_TPFLAGS_DEFAULT (1u << 18)
#define PY_TPFLAGS_DISALLOW_INSTANTIATION (1u << 7)

PyObject *PyModule_Create2(PyModuleDef *, int);
int PyModule_AddObjectRef(PyObject *, const char *, PyObject *);
PyObject *PyType_FromSpec(PyType_Spec *);
PyObject *PyType_GenericAlloc(PyTypeObject *, Py_ssize_t);
void PyObject_Free(void *);
void Py_IncRef(PyObject *);
void Py_DecRef(PyObject *);
PyObject *PyObject_CallNoArgs(PyObject *);
PyObject *PyObject_CallFunctionObjArgs(PyObject *, ...);
PyObject *PyObject_GetAttrString(PyObject *, const char *);
int PyObject_SetAttrString(PyObject *, const char *, PyObject *);
int PyObject_GetBuffer(PyObject *, Py_buffer *, int);
void PyBuffer_Release(Py_buffer *);
int PyBuffer_FillInfo(Py_buffer *, PyObject *, void *, Py_ssize_t, int, int);
PyObject *PyMemoryView_FromObject(PyObject *);
PyObject *PyBytes_FromStringAndSize(const char *, Py_ssize_t);
char *PyBytes_AsString(PyObject *);
Py_ssize_t PyBytes_Size(PyObject *);
PyObject *PyUnicode_FromStringAndSize(const char *, Py_ssize_t);
const char *PyUnicode_AsUTF8AndSize(PyObject *, Py_ssize_t *);
PyObject *PyDict_GetItemString(PyObject *, const char *);
Py_ssize_t PyDict_Size(PyObject *);
PyObject *PyTuple_New(Py_ssize_t);
int PyTuple_SetItem(PyObject *, Py_ssize_t, PyObject *);
PyObject *PyTuple_GetItem(PyObject *, Py_ssize_t);
Py_ssize_t PyTuple_Size(PyObject *);
PyObject *PyList_New(Py_ssize_t);
int PyList_Append(PyObject *, PyObject *);
PyObject *PySequence_Tuple(PyObject *);
PyObject *PyLong_FromLongLong(long long);
long long PyLong_AsLongLong(PyObject *);
PyObject *PyFloat_FromDouble(double);
double PyFloat_AsDouble(PyObject *);
PyObject *PyBool_FromLong(long);
int PyCallable_Check(PyObject *);
PyThreadState *PyEval_SaveThread(void);
void PyEval_RestoreThread(PyThreadState *);
int PyErr_CheckSignals(void);
PyObject *PyErr_NewException(const char *, PyObject *, PyObject *);
PyObject *PyErr_Occurred(void);
int PyErr_GivenExceptionMatches(PyObject *, PyObject *);
void PyErr_SetString(PyObject *, const char *);
void PyErr_SetObject(PyObject *, PyObject *);
void PyErr_Clear(void);
void PyErr_Fetch(PyObject **, PyObject **, PyObject **);
void PyErr_Restore(PyObject *, PyObject *, PyObject *);
void PyErr_NormalizeException(PyObject **, PyObject **, PyObject **);
int PyException_SetTraceback(PyObject *, PyObject *);
void PyErr_WriteUnraisable(PyObject *);
unsigned long PyType_GetFlags(PyTypeObject *);

extern PyObject _Py_NoneStruct;
extern PyObject *PyExc_BufferError, *PyExc_Exception, *PyExc_MemoryError, *PyExc_OSError, *PyExc_TypeError, *PyExc_ValueError;

// What Swift does not import: variables, macros, functions with a variable number of arguments.
static inline PyObject *amaru_py_none(void) { return &_Py_NoneStruct; }
static inline PyTypeObject *amaru_py_type(PyObject *object) { return object->ob_type; }
static inline int amaru_py_is_bytes(PyObject *object) { return (PyType_GetFlags(object->ob_type) >> 27) & 1; }
static inline int amaru_py_is_text(PyObject *object) { return (PyType_GetFlags(object->ob_type) >> 28) & 1; }
static inline int amaru_py_is_tuple(PyObject *object) { return (PyType_GetFlags(object->ob_type) >> 26) & 1; }
static inline PyObject *amaru_py_call(PyObject *function, PyObject *argument) {
  return PyObject_CallFunctionObjArgs(function, argument, NULL);
}
static inline PyObject *amaru_py_call2(PyObject *function, PyObject *first, PyObject *second) {
  return PyObject_CallFunctionObjArgs(function, first, second, NULL);
}
static inline PyObject *amaru_py_buffer_error(void) { return PyExc_BufferError; }
static inline PyObject *amaru_py_exception(void) { return PyExc_Exception; }
static inline PyObject *amaru_py_memory_error(void) { return PyExc_MemoryError; }
static inline PyObject *amaru_py_os_error(void) { return PyExc_OSError; }
static inline PyObject *amaru_py_type_error(void) { return PyExc_TypeError; }
static inline PyObject *amaru_py_value_error(void) { return PyExc_ValueError; }
static inline unsigned int amaru_py_type_flags(void) { return PY_TPFLAGS_DEFAULT; }
static inline unsigned int amaru_py_type_flags_no_new(void) {
  return PY_TPFLAGS_DEFAULT | PY_TPFLAGS_DISALLOW_INSTANTIATION;
}

// Swift's `@c` functions need a declaration to implement.
PyObject *PyInit__native(void);
