namespace RdsTunnel.Databases.MySql;

/// <summary>A packet is not what the protocol says. The words name the part, and never quote what was sent.</summary>
#pragma warning disable CA1032 // it has a reason, always
internal sealed class MalformedPacketException(string words) : Exception(words);
#pragma warning restore CA1032
