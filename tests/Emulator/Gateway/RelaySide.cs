namespace RdsTunnel.Emulator.Gateway;

internal enum RelaySide
{
    Client,
    Node,
}
