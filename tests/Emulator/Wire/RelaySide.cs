namespace RdsTunnel.Emulator.Wire;

internal enum RelaySide
{
    Client,
    Node,
}
