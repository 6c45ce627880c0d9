namespace RdsTunnel.Databases.Redis.Protocol;

/// <summary>Finds where a value of RESP ends, and keeps nothing of it but the number of a line.</summary>
/// <remarks>See <see cref="RespReader"/> for the types. An attribute (<c>|</c>) belongs to the value behind it.</remarks>
internal sealed class RespFraming
{
    /// <summary>A type, nineteen digits and a sign, CR LF.</summary>
    private const int MaxNumberLine = 24;

    private readonly byte[] _line = new byte[MaxNumberLine];
    private long _lineBytes; // of the line that is being read; more than are kept of it
    private long _missing = 1; // values
    private long _payload; // bytes of a bulk that are still to come, CR LF included

    /// <summary>The value is over; the next byte belongs to another one.</summary>
    public bool IsComplete => _missing == 0 && _payload == 0;

    /// <returns>How many bytes belong to this value.</returns>
    /// <exception cref="MalformedRespException">They are none.</exception>
    public int Consume(ReadOnlySpan<byte> bytes)
    {
        var used = 0;
        while (!IsComplete && used < bytes.Length)
        {
            if (_payload > 0)
            {
                var part = (int)Math.Min(_payload, bytes.Length - used);
                _payload -= part;
                used += part;
            }
            else
            {
                used += ConsumeLine(bytes[used..]);
            }
        }

        return used;
    }

    public void BeginNext() => (_missing, _lineBytes) = (1, 0);

    private int ConsumeLine(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)'\n');
        var part = end < 0 ? bytes : bytes[..(end + 1)];
        if (_lineBytes < MaxNumberLine)
        {
            var kept = (int)Math.Min(part.Length, MaxNumberLine - _lineBytes);
            part[..kept].CopyTo(_line.AsSpan((int)_lineBytes));
        }

        _lineBytes += part.Length;
        if (end >= 0)
        {
            OnLine();
            _lineBytes = 0;
        }

        return part.Length;
    }

    private void OnLine()
    {
        _missing--;
        switch ((char)_line[0])
        {
            case '+' or '-' or ':' or ',' or '#' or '(' or '_':
                break;
            case '$' or '=' or '!':
                var length = Number();
                _payload = length < 0 ? 0 : length + 2;
                break;
            case '*' or '~' or '>':
                _missing += Math.Max(0, Number());
                break;
            case '%':
                _missing += Math.Max(0, Number()) * 2;
                break;
            case '|':
                _missing += (Math.Max(0, Number()) * 2) + 1;
                break;
            default:
                throw new MalformedRespException("a reply has no type of RESP");
        }
    }

    private long Number() =>
        _lineBytes <= MaxNumberLine && RespReader.TryNumber(_line.AsSpan(0, (int)_lineBytes), out var number)
            ? number
            : throw new MalformedRespException("a length is no number");
}
