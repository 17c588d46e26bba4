/**
 * @file The ONNX format for protobufjs: every message an inference graph is made of.
 *
 * Field names, numbers and types are those of `onnx/onnx.proto` of the ONNX project,
 * https://github.com/onnx/onnx, Copyright (c) ONNX Project Contributors,
 * SPDX-License-Identifier: Apache-2.0. Left out are training, functions, sparse tensors and
 * documentation strings, which a reader skips as unknown fields.
 *
 * Of TensorProto the packed number lists (`float_data`, `int32_data`, `int64_data`,
 * `double_data`) are declared as `bytes`: a packed list and a byte string are the same on the
 * wire (https://protobuf.dev/programming-guides/encoding/#packed), so they stay views into the
 * file until somebody wants the numbers (`tensor.ts`).
 */
import protobuf from 'protobufjs'

const onnxSchema = `
syntax = "proto2";
package onnx;

message ModelProto {
  optional int64 ir_version = 1;
  optional string producer_name = 2;
  optional string producer_version = 3;
  optional GraphProto graph = 7;
  repeated OperatorSetIdProto opset_import = 8;
}
message OperatorSetIdProto {
  optional string domain = 1;
  optional int64 version = 2;
}
message GraphProto {
  repeated NodeProto node = 1;
  optional string name = 2;
  repeated TensorProto initializer = 5;
  repeated ValueInfoProto input = 11;
  repeated ValueInfoProto output = 12;
  repeated ValueInfoProto value_info = 13;
}
message NodeProto {
  repeated string input = 1;
  repeated string output = 2;
  optional string name = 3;
  optional string op_type = 4;
  repeated AttributeProto attribute = 5;
  optional string domain = 7;
}
message AttributeProto {
  optional string name = 1;
  optional float f = 2;
  optional int64 i = 3;
  optional bytes s = 4;
  optional TensorProto t = 5;
  repeated float floats = 7;
  repeated int64 ints = 8;
  optional int32 type = 20;
}
message ValueInfoProto {
  optional string name = 1;
  optional TypeProto type = 2;
}
message TypeProto {
  message Tensor {
    optional int32 elem_type = 1;
    optional TensorShapeProto shape = 2;
  }
  optional Tensor tensor_type = 1;
}
message TensorShapeProto {
  message Dimension {
    optional int64 dim_value = 1;
    optional string dim_param = 2;
  }
  repeated Dimension dim = 1;
}
message TensorProto {
  repeated int64 dims = 1;
  optional int32 data_type = 2;
  optional bytes float_data = 4;
  optional bytes int32_data = 5;
  optional bytes int64_data = 7;
  optional string name = 8;
  optional bytes raw_data = 9;
  optional bytes double_data = 10;
  repeated StringStringEntryProto external_data = 13;
  optional int32 data_location = 14;
}
message StringStringEntryProto {
  optional string key = 1;
  optional string value = 2;
}
`

const root = protobuf.parse(onnxSchema, { keepCase: true }).root

export const modelProto: protobuf.Type = root.lookupType('onnx.ModelProto')

/** TensorProto.DataType, as far as models of images use it. */
export const tensorType = {
  float: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  float16: 10,
  double: 11,
} as const

/** AttributeProto.AttributeType, as far as `write.ts` needs it. */
export const attributeType = { float: 1, int: 2, floats: 6, ints: 7 } as const

/** protobufjs yields Long for int64 where the package `long` is present. */
export type WireInteger = number | protobuf.Long

export interface TensorProto {
  dims?: WireInteger[]
  data_type?: number
  float_data?: Uint8Array
  int32_data?: Uint8Array
  int64_data?: Uint8Array
  name?: string
  raw_data?: Uint8Array
  double_data?: Uint8Array
  external_data?: { key?: string; value?: string }[]
  data_location?: number
}

export interface AttributeProto {
  name?: string
  f?: number
  i?: WireInteger
  s?: Uint8Array
  t?: TensorProto
  floats?: number[]
  ints?: WireInteger[]
  type?: number
}

export interface NodeProto {
  input?: string[]
  output?: string[]
  name?: string
  op_type?: string
  attribute?: AttributeProto[]
  domain?: string
}

export interface ValueInfoProto {
  name?: string
  type?: {
    tensor_type?: {
      elem_type?: number
      shape?: { dim?: { dim_value?: WireInteger; dim_param?: string }[] }
    }
  }
}

export interface GraphProto {
  node?: NodeProto[]
  name?: string
  initializer?: TensorProto[]
  input?: ValueInfoProto[]
  output?: ValueInfoProto[]
}

export interface ModelProto {
  ir_version?: WireInteger
  producer_name?: string
  graph?: GraphProto
  opset_import?: { domain?: string; version?: WireInteger }[]
}
