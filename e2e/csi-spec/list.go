// Prints the CSI specification's descriptors, one fact a line: the reference that our transcription is compared with.
//
//	message.field=number:type      with csi_secret where the specification says so
//	enum value=number
//	service/method request -> response
package main

import (
	"fmt"
	"sort"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

var lines []string

func add(format string, arguments ...any) {
	lines = append(lines, fmt.Sprintf(format, arguments...))
}

func main() {
	file := csi.File_csi_proto
	for i := 0; i < file.Messages().Len(); i++ {
		message(file.Messages().Get(i))
	}
	for i := 0; i < file.Enums().Len(); i++ {
		enum(file.Enums().Get(i))
	}
	for i := 0; i < file.Services().Len(); i++ {
		service(file.Services().Get(i))
	}
	for i := 0; i < file.Extensions().Len(); i++ {
		extension := file.Extensions().Get(i)
		add("extend %s %s=%d:%s", extension.ContainingMessage().FullName(), extension.FullName(),
			extension.Number(), extension.Kind())
	}
	sort.Strings(lines)
	for _, line := range lines {
		fmt.Println(line)
	}
}

func message(descriptor protoreflect.MessageDescriptor) {
	if descriptor.IsMapEntry() {
		return
	}
	add("%s", descriptor.FullName())
	for i := 0; i < descriptor.Fields().Len(); i++ {
		field(descriptor.Fields().Get(i))
	}
	for i := 0; i < descriptor.Messages().Len(); i++ {
		message(descriptor.Messages().Get(i))
	}
	for i := 0; i < descriptor.Enums().Len(); i++ {
		enum(descriptor.Enums().Get(i))
	}
}

func field(descriptor protoreflect.FieldDescriptor) {
	text := typeOf(descriptor)
	if descriptor.IsMap() {
		text = "map<" + typeOf(descriptor.MapKey()) + "," + typeOf(descriptor.MapValue()) + ">"
	} else if descriptor.IsList() {
		text = "repeated " + text
	}
	if oneof := descriptor.ContainingOneof(); oneof != nil {
		text += " oneof " + string(oneof.Name())
	}
	if proto.HasExtension(descriptor.Options(), csi.E_CsiSecret) {
		text += " csi_secret"
	}
	add("%s=%d:%s", descriptor.FullName(), descriptor.Number(), text)
}

func typeOf(descriptor protoreflect.FieldDescriptor) string {
	switch descriptor.Kind() {
	case protoreflect.MessageKind:
		return string(descriptor.Message().FullName())
	case protoreflect.EnumKind:
		return string(descriptor.Enum().FullName())
	default:
		return descriptor.Kind().String()
	}
}

func enum(descriptor protoreflect.EnumDescriptor) {
	for i := 0; i < descriptor.Values().Len(); i++ {
		value := descriptor.Values().Get(i)
		add("%s.%s=%d", descriptor.FullName(), value.Name(), value.Number())
	}
}

func service(descriptor protoreflect.ServiceDescriptor) {
	for i := 0; i < descriptor.Methods().Len(); i++ {
		method := descriptor.Methods().Get(i)
		stream := ""
		if method.IsStreamingServer() {
			stream = "stream "
		}
		add("%s/%s %s -> %s%s", descriptor.FullName(), method.Name(), method.Input().FullName(), stream,
			method.Output().FullName())
	}
}
