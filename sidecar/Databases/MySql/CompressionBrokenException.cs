namespace RdsTunnel.Databases.MySql;

/// <summary>What the database sent compressed cannot be read. The words are ours.</summary>
#pragma warning disable CA1032 // it says one thing
internal sealed class CompressionBrokenException() : IOException("the database sent compressed data that can't be read");
#pragma warning restore CA1032
