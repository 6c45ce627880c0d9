namespace RdsTunnel.Aws;

/// <summary>The headers that sign one upgrade of a data channel's websocket. They are secrets: left
/// out of <see cref="ToString"/>.</summary>
/// <param name="Headers"><c>Authorization</c>, <c>X-Amz-Date</c> and, with temporary keys, <c>X-Amz-Security-Token</c>.</param>
/// <param name="Identity">Equal for signatures of the same configured identity, however often its keys are renewed.</param>
public sealed record ChannelSignature(IReadOnlyList<KeyValuePair<string, string>> Headers, object Identity)
{
    public override string ToString() => nameof(ChannelSignature);
}
