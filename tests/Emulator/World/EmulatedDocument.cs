using System.Text.Json;

namespace RdsTunnel.Emulator.World;

/// <summary>A session document of the account; or, without a content, what is allowed with one of AWS's own.</summary>
public sealed record EmulatedDocument(string Name)
{
    // Not init: what a world file leaves out keeps its default then.

    /// <summary>Its schema, as AWS has it; null for that of AWS's own document of this name.</summary>
    public JsonElement? Content { get; set; }

    public string Type { get; set; } = "Session";

    public string Status { get; set; } = "Active";

    public string DefaultVersion { get; set; } = "1";

    /// <summary>Who may start sessions with it: ARNs that may end in <c>*</c>; null for everybody.</summary>
    public IReadOnlyList<string>? StartedBy { get; set; }

    /// <summary>Who may read it, likewise.</summary>
    public IReadOnlyList<string>? ReadBy { get; set; }

    internal static bool Allows(IReadOnlyList<string>? arns, string arn) =>
        arns?.Any(each => each.EndsWith('*') ? arn.StartsWith(each[..^1], StringComparison.Ordinal) : arn == each) ?? true;
}
