using System.Text;
using RdsTunnel.Aws.Files;

namespace RdsTunnel.Aws.Configuration;

/// <summary>One of the AWS CLI's files. An invalid line is a problem of its section, and of no other.</summary>
internal sealed class IniFile
{
    /// <summary>Nobody writes one by hand that is longer; more is not read.</summary>
    private const int MaxFileBytes = 4 * 1024 * 1024;

    private readonly IniParser _parser;
    private readonly byte[]? _bytes; // null where there is no file

    private IniFile(string path, byte[]? bytes)
    {
        Path = path;
        _bytes = bytes;
        _parser = new IniParser(path);
        if (bytes is not null)
        {
            // In UTF-8, or in what the mark at its beginning says.
            using var text = new StreamReader(new MemoryStream(bytes), Encoding.UTF8);
            _parser.Parse(LinesOf(text));
        }
    }

    public string Path { get; }

    public IReadOnlyList<IniSection> Sections => _parser.Sections;

    public IReadOnlyList<ConfigurationProblem> Problems => _parser.Problems;

    /// <summary>A file that is not there has no sections; one that cannot be read has a problem besides.</summary>
    /// <param name="known">What was read before: the same comes back where the file still says the same.</param>
    public static IniFile Read(string path, IniFile? known = null)
    {
        try
        {
            var bytes = BoundedFile.Read(path, MaxFileBytes);
            return known is not null && known.Says(path, bytes) ? known : new IniFile(path, bytes);
        }
        catch (UnreadableFileException e)
        {
            var file = new IniFile(path, bytes: null);
            file._parser.Problems.Add(new ConfigurationProblem(path, 0, $"{path} can't be read: {e.Message}."));
            return file;
        }
    }

    private bool Says(string path, byte[]? bytes) =>
        Path == path
        && (bytes is null ? _bytes is null && Problems.Count == 0 : _bytes is not null && _bytes.AsSpan().SequenceEqual(bytes));

    private static IEnumerable<string> LinesOf(StreamReader text)
    {
        while (text.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
