using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;

namespace RdsTunnel.Aws.Tests.AwsCli;

/// <summary>The AWS CLI's own library, of Debian's package: one Python process answers all questions.</summary>
internal static class AwsCliLibrary
{
    private const string Python = "/usr/bin/python3";
    private const string Library = "/usr/lib/python3/dist-packages/awscli/botocore";

    public static string? Missing =>
        File.Exists(Python) && Directory.Exists(Library) ? null : "Debian's AWS CLI (apt-get install awscli) is not installed";

    public static IReadOnlyList<JsonNode> Ask(string script, IEnumerable<JsonObject> questions)
    {
        var start = new ProcessStartInfo(Python, [Path.Combine(AppContext.BaseDirectory, "AwsCli", script)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
        };
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = Process.Start(start)!;
        var errors = new StringBuilder();
        process.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
        process.BeginErrorReadLine();
        var answers = new List<JsonNode>();
        foreach (var question in questions)
        {
            process.StandardInput.WriteLine(question.ToJsonString());
            process.StandardInput.Flush();
            answers.Add(
                JsonNode.Parse(process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"Python has ended: {errors}"))!
            );
        }

        process.StandardInput.Close();
        process.WaitForExit();
        return answers;
    }
}
