using System.Reflection;
using RdsTunnel.Aws.Composition;
using Xunit;

namespace RdsTunnel.Aws.Tests;

public sealed class PublicFaceTests
{
    [Fact]
    public void PublicTypes_NeverShowTheSdk()
    {
        var shown = typeof(AwsServices)
            .Assembly.GetExportedTypes()
            .SelectMany(type =>
                type.GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static)
                    .Where(IsVisible)
                    .SelectMany(TypesIn)
                    .Append(type.BaseType ?? type)
                    .Append(type)
            );

        Assert.DoesNotContain(
            shown,
            type =>
                type.Assembly.GetName().Name!.StartsWith("AWSSDK", StringComparison.Ordinal)
                || type.Namespace?.StartsWith("Amazon", StringComparison.Ordinal) is true
        );
    }

    private static bool IsVisible(MemberInfo member) =>
        member switch
        {
            MethodBase method => method.IsPublic || method.IsFamily,
            FieldInfo field => field.IsPublic || field.IsFamily,
            _ => false, // properties and events show in their accessors
        };

    private static IEnumerable<Type> TypesIn(MemberInfo member) =>
        member switch
        {
            MethodInfo method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType),
            ConstructorInfo constructor => constructor.GetParameters().Select(parameter => parameter.ParameterType),
            FieldInfo field => [field.FieldType],
            _ => [],
        };
}
