using System.Text.RegularExpressions;

namespace RdsTunnel.Tunnels;

/// <summary>What a field of a <see cref="TunnelRequest"/> has to be. Its name is the contract's.</summary>
public abstract record FieldRule(string Field);

/// <summary>Yes or no; both make sense.</summary>
public sealed record FlagRule(string Field) : FieldRule(Field);

/// <summary>A whole number, both bounds included.</summary>
public sealed record NumberRule(string Field, int Min, int Max) : FieldRule(Field)
{
    /// <summary>Null when nothing is wrong.</summary>
    public FieldProblem? ProblemOf(int value) => value >= Min && value <= Max ? null : new(Field, $"is {value}; it must be {Min} to {Max}");
}

/// <summary>A text of at least one character that is no white space, without control characters.</summary>
/// <param name="Pattern">All that is allowed, as a regular expression that JavaScript reads in the same way.</param>
/// <param name="Mismatch">What is wrong with a text that is not too long and has no control character; null when nothing is.</param>
public sealed partial record TextRule(string Field, int MinLength, int MaxLength, string Pattern, Func<string, string?> Mismatch)
    : FieldRule(Field)
{
    // The first has spaces within; the second has none.
    private const string LinePattern = @"^(?=.*\S)[^\x00-\x1f\x7f-\x9f]+$";
    private const string TokenPattern = @"^[^\s\x00-\x1f\x7f-\x9f]+$";

    /// <summary>For people to read.</summary>
    public static TextRule Line(string field, int maxLength) => new(field, 1, maxLength, LinePattern, _ => null);

    /// <summary>One word.</summary>
    /// <param name="pattern">As a person may write it; it is judged without what <see cref="TunnelRequest"/> leaves out.</param>
    /// <param name="further">What else may be wrong.</param>
    public static TextRule Token(string field, int maxLength, string pattern = TokenPattern, Func<string, string?>? further = null) =>
        new(field, 1, maxLength, pattern, value => !IsWhole(Word, value) ? "contains a space" : further?.Invoke(value));

    /// <summary>Null when nothing is wrong.</summary>
    public FieldProblem? ProblemOf(string value) =>
        (
            string.IsNullOrWhiteSpace(value) ? "is empty"
            : value.Length > MaxLength ? $"has {value.Length} characters; at most {MaxLength} are allowed"
            : value.Any(char.IsControl) ? "contains a control character"
            : Mismatch(value)
        )
            is { } problem
            ? new(Field, problem)
            : null;

    /// <summary>Whether an expression matches all of a text; its <c>$</c> alone would let a line feed follow.</summary>
    internal static bool IsWhole(Regex expression, string value) =>
        expression.Match(value) is { Success: true } match && match.Length == value.Length;

    [GeneratedRegex(TokenPattern, RegexOptions.CultureInvariant)]
    private static partial Regex Word { get; }
}

/// <param name="Field">As the contract calls it.</param>
/// <param name="Problem">To be put after its name, without a full stop: <c>is empty</c>.</param>
public sealed record FieldProblem(string Field, string Problem);
