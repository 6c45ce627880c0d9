using System.Net;

namespace RdsTunnel.Aws.Http;

/// <summary>The hosts that <c>NO_PROXY</c> says are reached directly.</summary>
/// <remarks><code>
/// amazonaws.com          the name and all below it; so does .amazonaws.com
/// *.amazonaws.com        all below it
/// rds.example.com:443    on this port alone
/// 10.0.0.0/8, fd00::/8   addresses of a block
/// 10.1.2.3, [fd00::1]    an address
/// *                      all
/// </code>
/// Separated by commas or white space. Names are compared without regard to case and to a dot at
/// the end. What is none of this covers nothing.</remarks>
internal sealed class NoProxy
{
    private readonly Entry[] _entries;

    private NoProxy(Entry[] entries) => _entries = entries;

    public static NoProxy Parse(string? text) =>
        new([
            .. (text ?? "").Split([',', ' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(Entry.Parse).OfType<Entry>(),
        ]);

    /// <param name="host">A name or an address, with or without brackets.</param>
    public bool Covers(string host, int port)
    {
        var name = host.TrimEnd('.');
        var address = Address(name);
        return Array.Exists(_entries, entry => entry.Covers(name, address, port));
    }

    private static IPAddress? Address(string text) =>
        IPAddress.TryParse(text.Trim('[', ']'), out var address)
            ? address.IsIPv4MappedToIPv6
                ? address.MapToIPv4()
                : address
            : null;

    private abstract record Entry(int? Port)
    {
        public static Entry? Parse(string text)
        {
            if (text == "*")
            {
                return new Everything();
            }

            if (text.Contains('/', StringComparison.Ordinal))
            {
                return IPNetwork.TryParse(text, out var network) ? new Block(network)
                    : text.Split('/') is [var start, var bits] && Address(start) is { } first && int.TryParse(bits, out var length)
                        ? Block.Around(first, length)
                    : null;
            }

            if (Address(text) is { } whole)
            {
                return new One(whole, null);
            }

            if (!HostAndPort.TryParse(text, out var host, out var port))
            {
                return null;
            }

            host = host.TrimEnd('.');
            return Address(host) is { } address ? new One(address, port)
                : host.StartsWith("*.", StringComparison.Ordinal) ? new Name(host[2..], IsItselfToo: false, port)
                : host.TrimStart('.') is { Length: > 0 } name ? new Name(name, IsItselfToo: true, port)
                : null;
        }

        public bool Covers(string name, IPAddress? address, int port) => (Port is null || Port == port) && Matches(name, address);

        protected abstract bool Matches(string name, IPAddress? address);

        private sealed record Everything() : Entry((int?)null)
        {
            protected override bool Matches(string name, IPAddress? address) => true;
        }

        private sealed record Name(string Domain, bool IsItselfToo, int? Port) : Entry(Port)
        {
            protected override bool Matches(string name, IPAddress? address) =>
                address is null
                && (
                    (IsItselfToo && name.Equals(Domain, StringComparison.OrdinalIgnoreCase))
                    || (
                        name.Length > Domain.Length
                        && name[^(Domain.Length + 1)] == '.'
                        && name.EndsWith(Domain, StringComparison.OrdinalIgnoreCase)
                    )
                );
        }

        private sealed record One(IPAddress Address, int? Port) : Entry(Port)
        {
            protected override bool Matches(string name, IPAddress? address) => Address.Equals(address);
        }

        private sealed record Block(IPNetwork Network) : Entry((int?)null)
        {
            /// <summary>10.1.2.3/8: the bits after the prefix do not count.</summary>
            public static Block? Around(IPAddress address, int bits)
            {
                var bytes = address.GetAddressBytes();
                if (bits < 0 || bits > bytes.Length * 8)
                {
                    return null;
                }

                for (var bit = bits; bit < bytes.Length * 8; bit++)
                {
                    bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
                }

                return new Block(new IPNetwork(new IPAddress(bytes), bits));
            }

            protected override bool Matches(string name, IPAddress? address) => address is not null && Network.Contains(address);
        }
    }
}
