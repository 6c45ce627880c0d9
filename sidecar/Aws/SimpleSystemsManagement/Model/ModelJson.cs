using System.Text.Json.Serialization;

namespace Amazon.SimpleSystemsManagement.Model;

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StartSessionRequest))]
[JsonSerializable(typeof(StartSessionResponse))]
[JsonSerializable(typeof(ResumeSessionRequest))]
[JsonSerializable(typeof(ResumeSessionResponse))]
[JsonSerializable(typeof(TerminateSessionRequest))]
[JsonSerializable(typeof(TerminateSessionResponse))]
[JsonSerializable(typeof(DescribeInstanceInformationRequest))]
[JsonSerializable(typeof(DescribeInstanceInformationResponse))]
[JsonSerializable(typeof(GetDocumentRequest))]
[JsonSerializable(typeof(GetDocumentResponse))]
internal sealed partial class ModelJson : JsonSerializerContext;
