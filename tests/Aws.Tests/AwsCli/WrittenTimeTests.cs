using System.Text.Json.Nodes;
using RdsTunnel.Aws.Credentials;
using Xunit;

namespace RdsTunnel.Aws.Tests.AwsCli;

/// <summary>The moments that people's helper programs write are read as the AWS CLI reads them.</summary>
public sealed class WrittenTimeTests
{
    private static readonly DateTimeOffset Origin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly string[] Texts =
    [
        "2026-11-28T03:56:02Z",
        "2026-11-28T03:56:02z",
        "2026-11-28t03:56:02Z",
        "2026-11-28T03:56:02+0000",
        "2026-11-28T03:56:02+00:00",
        "2026-11-28T03:56:02+00",
        "2026-11-28T03:56:02 +0100",
        "2026-11-28 03:56:02+00:00",
        "2026-11-28 03:56:02 UTC",
        "2026-11-28T03:56:02UTC",
        "2026-11-28T03:56:02 GMT",
        "2026-11-28T03:56:02.123Z",
        "2026-11-28T03:56:02,5Z",
        "20261128T035602Z",
        "20261128T035602+0100",
        "20261128 035602Z",
        "20261128035602Z",
        "2026/11/28 03:56:02Z",
        "2026.11.28 03:56:02 UTC",
        "2026-11-28T035602Z",
        "2026-11-28T3:56:02Z",
        "2026-1-5T03:56:02Z",
        "2026-11-28T03:56Z",
        "2026-11-28T03Z",
        "2026-11-28T03:56:02-0000",
        "2026-11-28T03:56:02-08:00",
        "2026-11-28T03:56:02+1",
        "2026-11-28T03:56:02+05:30",
        "Sat, 28 Nov 2026 03:56:02 GMT",
        "Sat, 28 Nov 2026 03:56:02 +0000",
        "Sat, 28 Nov 2026 03:56:02 +0100 (CET)",
        "Sat Nov 28 03:56:02 UTC 2026",
        "Sat Nov 28 03:56:02 2026 +0000",
        "Sat 28 Nov 2026 03:56:02 AM UTC",
        "Saturday, November 28, 2026 3:56:02 PM UTC",
        "11/28/2026 03:56:02 UTC",
        "28/11/2026 03:56:02 UTC",
        "28.11.2026 03:56:02 UTC",
        "11/12/2026 03:56:02Z",
        "28 Nov 2026 03:56:02 Z",
        "Nov 28 2026 03:56:02 UTC",
        "28-Nov-2026 03:56:02 UTC",
        "2026-11-28T12:56:02 am Z",
        "2026-11-28 3:56:02 PM +0000",
        "03:56:02 2026-11-28 UTC",
        " 2026-11-28T03:56:02Z ",
        "2026-11-28T03:56:02Z\n",
        "2026-12-31T23:59:59.999999-12:00",
        "2024-02-29T00:00:00Z",
        // No moments.
        "",
        "soon",
        "2026-11-28",
        "2026-11-28Z",
        "2026-11-28T03:56:02",
        "Sat Nov 28 03:56:02 2026",
        "1795838162",
        "1795838162.5",
        "1795838162000",
        "2026-11-28T03:56:02+00:00Z",
        "2026-11-28T24:00:00Z",
        "2026-11-28T03:56:60Z",
        "2026-11-28T03:60:00Z",
        "2026-02-30T03:56:02Z",
        "2026-13-01T03:56:02Z",
        "2026-W48-6T03:56:02Z",
        "2026-332T03:56:02Z",
        "2026-11-28T03:56:02 EST",
        "2026-11-28T03:56:02 Europe/Berlin",
        "2026-11-28T03:56:02+01:00[Europe/Berlin]",
        "2026-11-28 03:56:02 +0000 UTC",
        "2026-11-28T03:56:02.Z",
        "2026-11-28T03:56:02+530",
        "UTC 2026-11-28 03:56:02",
    ];

    [AwsCliFact]
    public void TryParse_WhatProgramsWrite_IsTheAwsClisTime()
    {
        var theirs = AwsCliLibrary.Ask("answers.py", Texts.Select(text => new JsonObject { ["date"] = text }));
        var differing = Texts
            .Zip(theirs.Select(time => time.ToJsonString().Trim('"')), (text, time) => (text, time, ours: Ours(text)))
            .Where(row => row.time != row.ours);
        Assert.Empty(differing);
    }

    [Theory]
    [InlineData("2026-11-28T03:56:02 UTC+1")] // The AWS CLI takes an hour away there.
    [InlineData("2026-11-28T03:56:02 GMT+3")]
    public void TryParse_WhatMeansTwoThings_IsNone(string text) => Assert.False(WrittenTime.TryParse(text, out _));

    private static string Ours(string text) =>
        WrittenTime.TryParse(text, out var time)
            ? JsonValue.Create((time - Origin).TotalSeconds).ToJsonString() is var seconds
            && seconds.Contains('.', StringComparison.Ordinal)
                ? seconds
                : $"{(time - Origin).TotalSeconds}.0"
            : "error";
}
